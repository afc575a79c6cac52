"""Request counts and durations, kept as plain numbers; the Prometheus library is loaded when somebody scrapes them.

Where several processes share a port, any of them may be scraped: each reads the counts of all from their board.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import define, field

from repaircore.entrypoints.processes.board import PARENT, Board

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


Name = tuple[str, str, int]
"""Method, route and status."""
Counts = dict[Name, Series]

_counts = msgspec.msgpack.Decoder(list[tuple[Name, Series]])
_replacements = msgspec.msgpack.Decoder(dict[int, int])


@define
class Metrics:
    """All series of one server. Labels are route templates, so their number is bounded."""

    _series: Counts = field(factory=dict)
    _shared: tuple[Board, int] | None = field(default=None, init=False)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series()
        series.observe(seconds)

    def share(self, board: Board, place: int) -> None:
        """Be one of several processes: go on from what was counted at this place before."""
        self._shared = board, place
        self._series.update(_read(board.read(place)))

    def tell(self) -> None:
        """Let the other processes know what was counted here."""
        if self._shared is not None:
            board, place = self._shared
            board.post(place, msgspec.msgpack.encode(list(self._series.items())))

    def render(self, job_lag: float | None) -> bytes:
        """Write everything in the Prometheus text format. `job_lag` in seconds, None when it cannot be known now.

        Of several processes the series of all are written, each with the label `process`.
        """
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._by_process(), self._replaced(), job_lag))
        return generate_latest(registry)

    def _by_process(self) -> Mapping[tuple[str, ...], Counts]:
        if self._shared is None:
            return {(): self._series}
        self.tell()
        told = enumerate(self._shared[0])
        return {(str(place),): _read(counts) for place, counts in told if place != PARENT}

    def _replaced(self) -> Mapping[int, int]:
        told = self._shared[0].read(PARENT) if self._shared else b""
        return _replacements.decode(told) if told else {}


def _read(told: bytes) -> Counts:
    return dict(_counts.decode(told)) if told else {}


@define(eq=False)
class _Collector:
    _counts: Mapping[tuple[str, ...], Counts]
    _replaced: Mapping[int, int]
    _job_lag: float | None

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        yield self._durations()
        if () not in self._counts:
            replaced = CounterMetricFamily(
                "repaircore_process_replaced", "How often another process took this one's place.", labels=["process"]
            )
            for (process,) in self._counts:
                replaced.add_metric([process], self._replaced.get(int(process), 0))
            yield replaced
        if self._job_lag is not None:
            yield GaugeMetricFamily(
                "repaircore_jobs_lag_seconds", "How long the oldest due job has been waiting.", value=self._job_lag
            )

    def _durations(self) -> "Metric":
        from prometheus_client.core import HistogramMetricFamily

        labels = ["method", "route", "status", *(() if () in self._counts else ("process",))]
        durations: Any = HistogramMetricFamily(
            "repaircore_http_request_duration_seconds", "Time from the request's head to the answer.", labels=labels
        )
        for (method, route, status), process, series in self._all_series():
            told = [method, route, str(status), *process]
            durations.add_metric(told, series.cumulative(), sum_value=series.seconds)
        family: Metric = durations
        return family

    def _all_series(self) -> Iterable[tuple[Name, tuple[str, ...], Series]]:
        return sorted(
            ((name, process, series) for process, counts in self._counts.items() for name, series in counts.items()),
            key=lambda each: each[:2],
        )
