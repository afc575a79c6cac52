"""The same work by programs that a competent team would write by default, with a suite of such programs kept elsewhere.

`python -m bench.peers --suite FOLDER --bin ENVIRONMENT/bin [--rounds N] [--apps NAMES] [--kinds NAMES] [--sync FULL]
[--database postgresql [--url URL]] [--check] [--docs]`

The suite has `common.py` (its tables, data and formula) and `http/bench_http.py` (how each peer is started, what is asked). Two of
ours take part: `adapter` does the peers' very requests on our stack, `api` is the real server with its own, larger answers.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path as File
from typing import Any

import psycopg
from attrs import define, field, frozen

from bench.comparing import differences
from bench.databases import POSTGRESQL, SQLITE, database, fresh, postmaster, server, server_seconds
from bench.document import DOCUMENT, written
from bench.load import request
from bench.measuring import Figures, Sample, Samples, measure, nobody
from bench.paths import CREATED, OK, Requests
from bench.processes import Command, Server, cores, pin, running
from bench.run import ours, said
from bench.shop import Shop, open_shop
from bench.tables import table

ADAPTER, API = "adapter", "api"
PEERS = ("flask-gthread", "litestar", "fastapi", "aiohttp-tx")
WANTED: Mapping[str, int] = {"quotes": 4000, "list": 1500, "get": 3000, "bookings": 1500, "webhook": 1500}
_SEEDED = 20_000
_COUNTED = (
    "SELECT (SELECT count(*) FROM bookings), (SELECT count(*) FROM outbox), (SELECT count(*) FROM processed_events)"
)
_EITHER = OK | CREATED
_WARM_UP = 5


def no_jobs() -> int:
    """Nobody else works off what the peers write; the real server's worker is another process, which is not started."""
    return 0


@frozen
class Suite:
    """The suite's modules, which name themselves by the environment. `url`: the peers' database of PostgreSQL, if they use one."""

    common: Any
    http: Any
    url: str = ""

    @classmethod
    def load(cls, folder: File, binaries: File, scratch: File, sync: str, url: str) -> "Suite":
        """Load it from its folder; everything that it writes goes into `scratch`."""
        told = {
            "BENCH_TMP": str(scratch),
            "BENCH_BIN": f"{binaries}/",
            "BENCH_SQLITE": str(scratch / "peers.db"),
            "BENCH_DB": "pg" if url else "sqlite",
            "BENCH_PG": url,
            "BENCH_SYNC": sync,
            "REPAIRCORE_PEERS": str(folder),
        }
        os.environ.update(told)
        sys.path[:0] = [str(folder), str(folder / "http")]
        return cls(import_module("common"), import_module("bench_http"), url)

    def command(self, app: str, log: File) -> Command:
        """Say how to start a peer, or the adapter."""
        here = File(self.http.__file__).parent
        if app == ADAPTER:
            root = File(__file__).parents[1]
            return Command(arguments=[sys.executable, "-m", "bench.adapter"], environment={}, log=log, folder=root)
        arguments, environment = self.http.APPS[app]
        ported = [str(part).replace(str(self.http.PORT), "{port}") for part in arguments]
        return Command(arguments=ported, environment=environment, log=log, folder=here)

    def lines(self, kind: str) -> Sequence[bytes]:
        """Answer what is asked of a peer, in the order of its file."""
        rows = File(self.http.gen(kind)).read_text().splitlines()
        return [_request(*row.split("\t")) for row in rows]

    def reset(self) -> None:
        """Start again with the seeded database."""
        if self.url:
            self.common.reset_pg(_SEEDED, self.url)
        else:
            self.common.reset_sqlite(_SEEDED)

    def rows(self) -> Sequence[int]:
        """Count what is in its tables."""
        if self.url:
            with psycopg.connect(self.url) as there:
                return there.execute(_COUNTED).fetchone() or ()
        connection = sqlite3.connect(self.common.SQLITE_PATH)
        counts: Sequence[int] = connection.execute(_COUNTED).fetchone()
        connection.close()
        return counts


def _request(method: str, path: str, signature: str, body: str) -> bytes:
    headers = [("Stripe-Signature", signature)] if signature else []
    return request(method, path, body=body.encode(), headers=headers)


@define
class Comparison:
    """Every program, one after the other, round by round."""

    suite: Suite
    apps: Sequence[str]
    kinds: Sequence[str]
    scratch: File
    server_url: str | None
    samples: dict[str, dict[str, list[Sample]]] = field(factory=dict, init=False)
    starts: dict[str, list[float]] = field(factory=dict, init=False)
    memory: dict[str, list[float]] = field(factory=dict, init=False)

    def round(self, number: int) -> None:
        """Let every program do everything once."""
        for app in self.apps:
            folder = self.scratch / f"{app}-{number}"
            folder.mkdir()
            with ExitStack() as stack:
                shop = None
                if app == API:
                    shop = open_shop(stack.enter_context(database(folder, self.server_url)), bookings=_SEEDED // 4)
                self.suite.reset()
                command = _api(shop) if shop else self.suite.command(app, folder / "log")
                server = stack.enter_context(running(command, core=cores()[0]))
                self.starts.setdefault(app, []).append(server.cold_start * 1000)
                self._every_kind(app, server, shop)
                self.memory.setdefault(app, []).append(server.memory())

    def tables(self) -> str:
        """Write one table for each kind, and one of what is true of a program as a whole."""
        return "\n\n".join([*(self._table(kind) for kind in self.kinds), self._whole()])

    def _every_kind(self, app: str, server: Server, shop: Shop | None) -> None:
        asked = Requests(shop) if shop else None
        beside = partial(server_seconds, postmaster(self.server_url)) if self.server_url else nobody
        for kind in self.kinds:
            wanted = WANTED[kind]
            for count, keep in ((wanted // _WARM_UP, False), (wanted, True)):
                lines = _of_api(asked, kind, server.port, count) if asked else self._of_peer(kind, count)
                sample = measure(server, lines, _EITHER, backlog=no_jobs, beside=beside)
                if keep:
                    self.samples.setdefault(kind, {}).setdefault(app, []).append(sample)
                    said(f"{app} {kind}: {sample.micros:.0f} µs, {sample.per_second:.0f}/s")

    def _of_peer(self, kind: str, count: int) -> Sequence[bytes]:
        return list(islice(cycle(self.suite.lines(kind)), count))

    def _table(self, kind: str) -> str:
        samples = {app: Samples(tuple(runs)) for app, runs in self.samples[kind].items()}
        head = [
            kind,
            "CPU µs",
            *(["PostgreSQL µs"] if self.server_url else []),
            *(f"{app} ÷" for app in (ADAPTER, API) if app in samples),
            "requests/s",
            "p50 ms",
            "p99 ms",
        ]
        return table(head, [self._row(app, mine, samples) for app, mine in samples.items()])

    def _row(self, app: str, mine: Samples, everybody: Mapping[str, Samples]) -> Sequence[str]:
        micros, rate = mine.of("micros"), mine.of("per_second")
        times = [f"{micros.over(everybody[one].of('micros')):.2f}×" for one in (ADAPTER, API) if one in everybody]
        database = [mine.of("database").told()] if self.server_url else []
        return [
            app,
            micros.told(),
            *database,
            *times,
            rate.told(),
            f"{mine.of('p50').median:.1f}",
            f"{mine.of('p99').median:.1f}",
        ]

    def _whole(self) -> str:
        rows = [
            [app, Figures(tuple(self.starts[app])).told(), Figures(tuple(self.memory[app])).told()]
            for app in self.starts
        ]
        return table(["program", "start to first 200, ms", "resident memory after load, MiB"], rows)


def _api(shop: Shop) -> Command:
    command = ours(shop.database)
    return Command(arguments=[*command.arguments, "--no-worker"], environment=command.environment, log=command.log)


def _of_api(asked: Requests, kind: str, port: int, count: int) -> Sequence[bytes]:
    """Ask the real server for the same kind of thing; a list is half first pages, half deep ones, as with the peers."""
    match kind:
        case "quotes":
            return asked.quotes(port, count)
        case "bookings":
            return asked.bookings(port, count)
        case "list":
            halves = zip(asked.first_page(port, count // 2), asked.deep_page(port, count // 2), strict=True)
            return [each for pair in halves for each in pair]
        case "get":
            return asked.one(port, count)
        case _:
            return asked.webhooks(port, count)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description="Measure repaircore against its peers.")
    parser.add_argument("--suite", type=File, required=True, help="folder of the suite")
    parser.add_argument("--bin", type=File, required=True, help="bin folder of the environment that the peers run in")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--apps", default=",".join((*PEERS, ADAPTER, API)))
    parser.add_argument("--kinds", default=",".join(WANTED))
    parser.add_argument(
        "--sync", default="FULL", help="SQLite's synchronous for the peers and the adapter; ours is FULL"
    )
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    parser.add_argument("--url", default="", help="a PostgreSQL on this machine (usually one of its own is started)")
    parser.add_argument("--check", action="store_true", help="only compare answers")
    parser.add_argument("--docs", action="store_true", help=f"write the tables into {DOCUMENT.name}")
    return parser.parse_args()


def main() -> None:
    """Check that all give the same answers, then measure."""
    given = _options()
    pin(cores()[1])
    with ExitStack() as stack:
        scratch = File(stack.enter_context(tempfile.TemporaryDirectory(prefix="repaircore-peers-")))
        there = stack.enter_context(server(given.url)) if given.database == POSTGRESQL else None
        url = stack.enter_context(fresh(there)) if there else ""
        suite = Suite.load(given.suite.resolve(), given.bin.resolve(), scratch, given.sync, url)
        comparison = Comparison(suite, given.apps.split(","), given.kinds.split(","), scratch, there)
        for line in _checked(suite, [app for app in comparison.apps if app != API], scratch):
            print(line, flush=True)
        if given.check:
            return
        for number in range(given.rounds):
            comparison.round(number)
        durable = "fsync and synchronous_commit on" if there else f"`synchronous={given.sync}`"
        tables = f"{durable}, {given.rounds} rounds\n\n{comparison.tables()}"
        print(tables)
    if given.docs:
        name = "peers" if given.database == SQLITE else "peers postgresql"
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), tables, name=name), encoding="utf-8")


def _checked(suite: Suite, apps: Sequence[str], scratch: File) -> Iterator[str]:
    """Say of each program whether it answers as the first one does."""
    lines = {kind: suite.lines(kind)[:6] for kind in WANTED}
    first: dict[str, object] = {}
    for app in apps:
        suite.reset()
        with running(suite.command(app, scratch / "check.log"), core=cores()[0]) as server:
            differing = differences(server.port, lines, suite.rows, first)
        yield f"{app}: {'SAME' if not differing else f'DIFFERENT: {differing}'}"


if __name__ == "__main__":
    main()
