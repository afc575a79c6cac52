"""Request counts and durations, kept as plain numbers; the Prometheus library is loaded when somebody scrapes them."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# Seconds; the last bucket is everything slower.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@define
class Series:
    """The requests of one route with one status."""

    buckets: list[int] = field(factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one request."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def cumulative(self) -> list[tuple[str, int]]:
        """Sum the buckets up, as Prometheus wants them."""
        total, summed = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.buckets, strict=True):
            total += count
            summed.append((bound, total))
        return summed


@define
class Metrics:
    """All series of one server. Labels are route templates, so their number is bounded."""

    _series: dict[tuple[str, str, int], Series] = field(factory=dict)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series()
        series.observe(seconds)

    def render(self, job_lag: float | None) -> bytes:
        """Write everything in the Prometheus text format. `job_lag` in seconds, None when it cannot be known now."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._series, job_lag))
        return generate_latest(registry)


@define(eq=False)
class _Collector:
    _series: dict[tuple[str, str, int], Series]
    _job_lag: float | None

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

        labels = ["method", "route", "status"]
        durations: Any = HistogramMetricFamily(
            "repaircore_http_request_duration_seconds", "Time from the request's head to the answer.", labels=labels
        )
        for (method, route, status), series in sorted(self._series.items()):
            durations.add_metric([method, route, str(status)], series.cumulative(), sum_value=series.seconds)
        yield durations
        if self._job_lag is not None:
            yield GaugeMetricFamily(
                "repaircore_jobs_lag_seconds", "How long the oldest due job has been waiting.", value=self._job_lag
            )
