"""One measurement of one path at one server, and what several of them amount to."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from attrs import asdict, frozen

from bench.load import fire
from bench.processes import Server, busy_seconds

_MOMENT = 0.005
_PATIENCE = 120.0


@frozen(kw_only=True)
class Sample:
    """One run. Microseconds are CPU time of the server's processes for each request; `with_jobs` counts until no job is due any
    more; `database` is what the database's own processes took for each. `foreign` is how many cores everybody else used meanwhile,
    the load itself among them."""

    per_second: float
    micros: float
    with_jobs: float
    p50: float
    p99: float
    foreign: float
    database: float = 0.0


def nobody() -> float:
    """Nobody works beside the server."""
    return 0.0


def measure(
    server: Server,
    requests: Sequence[bytes],
    expected: frozenset[int],
    *,
    backlog: Callable[[], int],
    beside: Callable[[], float] = nobody,
) -> Sample:
    """Send the requests and see what they cost; comes back when the jobs that they caused are done as well. `beside` answers the CPU
    seconds of whoever works for the server without being a part of it."""
    started, before, aside, busy = time.perf_counter(), server.cpu_seconds(), beside(), busy_seconds()
    shots = fire(server.port, requests, expected=expected)
    seconds, answered, others = time.perf_counter() - started, server.cpu_seconds() - before, busy_seconds() - busy
    helped = beside() - aside
    settle(backlog)
    return Sample(
        per_second=shots.per_second,
        micros=answered / len(requests) * 1e6,
        with_jobs=(server.cpu_seconds() - before) / len(requests) * 1e6,
        p50=shots.latency(0.50),
        p99=shots.latency(0.99),
        foreign=max(0.0, others - answered - helped) / seconds,
        database=helped / len(requests) * 1e6,
    )


def settle(backlog: Callable[[], int]) -> None:
    """Wait until no job is due. Raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE
    while backlog():
        if time.monotonic() > deadline:
            raise TimeoutError("jobs stay due")
        time.sleep(_MOMENT)


@frozen
class Figures:
    """The same thing measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def over(self, other: "Figures") -> float:
        """The median of the ratios within each round, so that what disturbs a round disturbs both."""
        return median(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True) if theirs)

    def told(self, digits: int = 0) -> str:
        """Write median and range."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


@frozen
class Samples:
    """All runs of one path at one server."""

    runs: tuple[Sample, ...]

    def of(self, name: str) -> Figures:
        """Collect one of the measures."""
        return Figures(tuple(getattr(run, name) for run in self.runs))

    def plain(self) -> list[dict[str, float]]:
        """Answer them for a file."""
        return [asdict(run) for run in self.runs]
