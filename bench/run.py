"""One run: the real server and the baseline side by side, path by path, round by round."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path as File
from typing import Any

from attrs import define, field, frozen

from bench import baseline
from bench.databases import Database, database, fresh
from bench.load import fire
from bench.measuring import measure, settle
from bench.paths import CREATED, OK, PATHS, Path, Requests
from bench.processes import Command, Server, cores, pin, running
from bench.results import LEAST, OURS, Results
from bench.shop import ENVIRONMENT, Shop, open_shop
from bench.starting import STATEMENTS, imported

ON_POSTGRESQL = ("start", "memory")  # the figures that are other ones there
FIGURES = ("start", "import", "memory", "inside", "engines", "simulate", "jobs")
LONG = ("simulate",)  # not in a quick run, unless asked for
_ROOT = File(__file__).parents[1]
_BOOKINGS = 4000
_SIMULATIONS = 3  # at most: each takes most of a minute
_WARM_UP = 5  # a fifth of the first round goes unmeasured before it


@frozen(kw_only=True)
class Plan:
    """How often, what, and which share of the usual number of requests."""

    rounds: int
    rows: tuple[str, ...]
    share: float

    def wanted(self, path: Path) -> int:
        """How many requests a round of that path has."""
        return max(100, int(path.wanted * self.share))

    @property
    def paths(self) -> list[Path]:
        """The chosen paths."""
        return [path for path in PATHS if path.name in self.rows]


@define
class Run:
    """One run. `least_url`: the baseline's database where ours is PostgreSQL as well; without it both have files."""

    plan: Plan
    database: Database
    least_url: str
    results: Results = field(init=False)
    shop: Shop = field(init=False)
    requests: Requests = field(init=False)

    def __attrs_post_init__(self) -> None:
        hooks = sum(2 * self.plan.wanted(path) for path in PATHS if path.name == "webhooks")
        told = self.plan.rounds * hooks if "webhooks" in self.plan.rows else 0
        self.results = Results(beside=bool(self.least_url))
        self.shop = open_shop(self.database, bookings=max(_BOOKINGS, told))
        self.requests = Requests(self.shop)

    def everything(self) -> Results:
        """Measure every chosen row."""
        with running(self._ours, core=cores()[0]) as server:
            self._record(server)
        item = (self.folder / baseline.ITEM).read_bytes()
        baseline.prepare(self.folder, item, [each.id for each in self.shop.bookings], url=self.least_url)
        for round in range(self.plan.rounds):
            for name, measure_figure in self._figures.items():
                if name in self.plan.rows:
                    said(f"round {round + 1}: {name}")
                    measure_figure()
        if self.plan.paths:
            self._paths()
        return self.results

    @property
    def folder(self) -> File:
        """Where everything of this run is, except what a server keeps."""
        return self.database.folder

    @property
    def _ours(self) -> Command:
        return ours(self.database)

    @property
    def _least(self) -> Command:
        return least(self.folder, self.least_url)

    @property
    def _figures(self) -> Mapping[str, Callable[[], None]]:
        return {
            "start": self._start,
            "import": self._import,
            "inside": self._inside,
            "engines": self._engines,
            "simulate": self._simulate,
            "jobs": self._jobs,
        }

    def _record(self, server: Server) -> None:
        """Keep a typical answer of each path for the baseline to give."""

        def answer(make: Callable[[Requests, int, int], Sequence[bytes]], expected: frozenset[int]) -> bytes:
            made = make(self.requests, server.port, 1)
            return fire(server.port, made, expected=expected, keep=True).bodies[0]

        (self.folder / baseline.QUOTE).write_bytes(answer(Requests.quotes, CREATED))
        (self.folder / baseline.BOOKING).write_bytes(answer(Requests.bookings, CREATED))
        (self.folder / baseline.RECEIVED).write_bytes(answer(Requests.webhooks, OK))
        page = json.loads(answer(Requests.first_page, OK))
        (self.folder / baseline.ITEM).write_text(json.dumps(page["items"][0], separators=(",", ":")))
        settle(self.shop.backlog)

    def _start(self) -> None:
        for program, command in ((OURS, self._ours), (LEAST, self._least)):
            with running(command, core=cores()[0]) as server:
                self.results.figure(program, "start", server.cold_start * 1000)
                served = "/ready" if program == OURS else "/health"
                self.results.figure(program, "ready", server.first_answer(served) * 1000)
                self.results.figure(program, "memory_at_start", server.memory())

    def _import(self) -> None:
        for name in STATEMENTS:
            milliseconds, modules = imported(name, core=cores()[0])
            self.results.figure(OURS, name, milliseconds)
            self.results.figure(OURS, f"{name}_modules", modules)

    def _inside(self) -> None:
        folder = self.folder / f"inside-{len(self.results.figures[OURS].get('engine', ()))}"
        folder.mkdir()
        for name, value in _alone("bench.inside", str(folder), str(self.plan.share)).items():
            self.results.figure(OURS, name, value)

    def _engines(self) -> None:
        for size, engines in _alone("bench.engines", str(self.plan.share)).items():
            for name, micros in engines.items():
                self.results.engine(size, name, micros)

    def _simulate(self) -> None:
        if len(self.results.figures[OURS].get("simulate", ())) < _SIMULATIONS:
            for name, value in _alone("bench.simulating", str(self.folder)).items():
                self.results.figure(OURS, name, value)

    def _jobs(self) -> None:
        for name, figures in _alone("bench.jobs", str(self.plan.share)).items():
            self.results.queue(name, figures)

    def _paths(self) -> None:
        with self._both() as servers:
            for path in self.plan.paths:
                self._round(servers, path, self.plan.wanted(path) // _WARM_UP, keep=False)
            for round in range(self.plan.rounds):
                for path in self.plan.paths:
                    self._round(servers, path, self.plan.wanted(path), keep=True)
                    said(f"round {round + 1}: {path.title}: {self._latest(path)}")
            for program, server in servers.items():
                if "memory" in self.plan.rows:
                    self.results.figure(program, "memory", server.memory())

    @contextmanager
    def _both(self) -> Iterator[Mapping[str, Server]]:
        core = cores()[0]
        with running(self._ours, core=core) as real, running(self._least, core=core) as plain:
            yield {OURS: real, LEAST: plain}

    def _round(self, servers: Mapping[str, Server], path: Path, wanted: int, *, keep: bool) -> None:
        made = path.make(self.requests, servers[OURS].port, wanted)
        settle(self.shop.backlog)
        for program, server in servers.items():
            sample = measure(server, made, path.expected, backlog=self.shop.backlog, beside=self.database.cpu_seconds)
            if keep:
                self.results.sample(program, path, sample)

    def _latest(self, path: Path) -> str:
        mine, theirs = (self.results.samples[program][path.name][-1].micros for program in (OURS, LEAST))
        return f"{mine:.0f} µs, baseline {theirs:.0f} µs"


def _alone(module: str, *arguments: str) -> Any:
    """Measure in a process of its own, on the servers' core; answer what it wrote."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT,
        capture_output=True,
        check=True,
        preexec_fn=lambda: pin(cores()[0]),
    )
    return json.loads(ran.stdout)


def run(plan: Plan, folder: File, server_url: str | None = None) -> Results:
    """Measure what is planned, with everything in that folder; with the URL of a PostgreSQL, on databases made there for it."""
    with ExitStack() as stack:
        made = stack.enter_context(database(folder, server_url))
        least_url = stack.enter_context(fresh(server_url)) if server_url else ""
        return Run(plan, made, least_url).everything()


def ours(place: Database) -> Command:
    """The real server as in production: worker inside, everything durable, its log in a file."""
    program = File(sys.executable).with_name("repaircore")
    return Command(
        arguments=[str(program), "serve", "--data-dir", str(place.folder), "--port", "{port}"],
        environment={**ENVIRONMENT, "REPAIRCORE_CONFIG": str(place.config)},
        log=place.folder / "repaircore.log",
    )


def least(folder: File, url: str) -> Command:
    """The baseline, on that database of PostgreSQL when one is named."""
    return Command(
        arguments=[sys.executable, "-m", "bench.baseline", str(folder), *([url] if url else [])],
        environment={},
        log=folder / "baseline.log",
        folder=_ROOT,
    )


def said(line: str) -> None:
    """Tell whoever waits how far it is."""
    print(line, file=sys.stderr, flush=True)
