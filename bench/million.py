"""Lists and searches at a million bookings beside those at a thousand, on SQLite and on PostgreSQL: `python -m bench.million`.

Every question is asked of the storage that a server asks, of both sizes in turn. What counts is CPU time, the server's and ours, for
others are at work on the machine as well; the time until the answer is told beside it. `--docs` writes the tables into docs/benchmarks.md.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from attrs import frozen

from bench.document import DOCUMENT, written
from bench.feeding import feeding
from bench.filling import BEGINNING, TECHNICIANS, bookings, crowd, fill_postgresql, fill_sqlite
from bench.tables import table
from bench.working import Working, backends
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.system import SystemIds
from repaircore.adapters.storage.postgresql import PostgresqlStorage, open_postgresql
from repaircore.adapters.storage.rows import booking_from
from repaircore.adapters.storage.sqlite import SqliteStorage, open_sqlite
from repaircore.domain.booking.lifecycle import Status
from repaircore.ports.unit_of_work import BookingFilter, Position
from repaircore.testing.storage.values import subscriptions
from tests.servers.postgres import running_postgres

SMALL: Final = 1_000
LARGE: Final = 1_000_000
PAGE: Final = 20

Storage = SqliteStorage | PostgresqlStorage
Opened = tuple[Storage, Callable[[], Working]]
Asked = tuple[BookingFilter, Position | None]
Times = Mapping[str, Mapping[int, Sequence[tuple[float, float]]]]
"""By question and size, the milliseconds of CPU and of waiting."""


@frozen
class Question:
    """What is asked, of a database of so many bookings, by lot."""

    title: str
    ask: Callable[[random.Random, int], Asked]


def at_depth(share: float) -> Callable[[random.Random, int], Asked]:
    """The page behind that share of all bookings, give or take some."""

    def ask(chance: random.Random, size: int) -> Asked:
        number = int(size * (1 - share)) - chance.randrange(size // 100)
        return BookingFilter(), _place(max(number, 2 * PAGE))

    return ask


def _place(number: int) -> Position:
    return Position(BEGINNING + timedelta(minutes=5 * number), f"bk_{number:09d}")


def _first(chance: random.Random, size: int) -> Asked:
    return BookingFilter(), None


def _status(chance: random.Random, size: int) -> Asked:
    return BookingFilter(status=chance.choice(list(Status))), _place(chance.randrange(size // 2, size))


def _technician(chance: random.Random, size: int) -> Asked:
    return BookingFilter(technician_id=_one(chance)), _place(chance.randrange(size * 9 // 10, size))


def _both(chance: random.Random, size: int) -> Asked:
    wanted = BookingFilter(
        status=chance.choice(list(Status)),
        technician_id=_one(chance),
        created_from=BEGINNING,
        created_until=_place(size).at,
    )
    return wanted, None


def _one(chance: random.Random) -> str:
    return f"tech_{chance.randrange(TECHNICIANS)}"


LISTS: Final = (
    Question("list, first page", _first),
    Question("list, in the middle", at_depth(0.5)),
    Question("list, behind 95 %", at_depth(0.95)),
    Question("list by status, anywhere", _status),
    Question("list by technician", _technician),
    Question("list by status, technician and time", _both),
)


def _searches(chance: random.Random) -> tuple[Question, ...]:
    people, samples = crowd(), [each for each in bookings(20_000) if chance.random() < 0.02]

    def typed(title: str, make: Callable[[random.Random], str]) -> Question:
        return Question(title, lambda chance, size: (BookingFilter(text=make(chance)), None))

    def one(chance: random.Random) -> str:
        return chance.choice(samples).customer.name

    return (
        typed("reference", lambda chance: chance.choice(samples).reference),
        typed("e-mail address", lambda chance: chance.choice(samples).customer.email),
        typed("phone number", lambda chance: chance.choice(samples).customer.phone),
        typed("name", one),
        typed("frequent surname", lambda chance: chance.choice(people.last[:20])),
        typed("rare surname", lambda chance: chance.choice(people.last[10_000:])),
        typed("surname, five letters of it", lambda chance: one(chance).split()[1][:5]),
        typed("surname, three letters of it", lambda chance: one(chance).split()[1][:3]),
        typed("surname, one letter of it", lambda chance: one(chance).split()[1][:1]),
        typed("device", lambda chance: chance.choice(samples).device.name),
        typed("surname and device", lambda c: f"{one(c).split()[1]} {c.choice(samples).device.name.split()[0]}"),
        typed("a name that nobody has", lambda chance: f"{one(chance)} xyz"),
    )


async def ask(storages: Mapping[int, Opened], questions: Sequence[Question], times: int) -> Times:
    """Answer how long each question takes at each size."""
    found: dict[str, dict[int, list[tuple[float, float]]]] = {
        each.title: {size: [] for size in storages} for each in questions
    }
    for turn in range(-times // 10, times):  # at first plans and caches are cold
        working = {size: who() for size, (_, who) in storages.items()}
        for question in questions:
            for size, (storage, _) in storages.items():
                wanted, after = question.ask(random.Random(turn), size)
                booking_from.cache_clear()  # or else a thousand bookings would all be remembered
                before, started = working[size].milliseconds(), perf_counter()
                await storage.unit_of_work().bookings.find(wanted, limit=PAGE, after=after)
                waited = (perf_counter() - started) * 1000
                if turn >= 0:
                    found[question.title][size].append((working[size].milliseconds() - before, waited))
    return found


def told(times: Times) -> str:
    """Write the table."""
    small, large = sorted(next(iter(times.values())))
    head = ["", f"CPU ms, {small:,}", f"{large:,}", "ratio", f"p95, {large:,}", "until the answer, ms"]
    return table(head, [_row(title, each[small], each[large]) for title, each in times.items()])


def _row(title: str, small: Sequence[tuple[float, float]], large: Sequence[tuple[float, float]]) -> Sequence[str]:
    least, most = [cpu for cpu, _ in small], [cpu for cpu, _ in large]
    ratio, late, waited = median(most) / median(least), quantiles(most, n=20)[-1], median(wait for _, wait in large)
    return [title, f"{median(least):.2f}", f"{median(most):.2f}", f"{ratio:.2f}×", f"{late:.2f}", f"{waited:.1f}"]


async def measure(storages: Mapping[int, Opened], times: int) -> tuple[Times, Sequence[tuple[float, float]]]:
    """Ask everything, then see what finding costs those who book; close all."""
    questions = (*LISTS, *_searches(random.Random(3)))
    try:
        return await ask(storages, questions, times), await feeding(*storages[max(storages)])
    finally:
        for storage, _ in storages.values():
            await storage.aclose()


def _opened(database: str, size: int, stack: ExitStack) -> Opened:
    started = perf_counter()
    who: Callable[[], Working]
    clock, ids = SystemClock(), SystemIds()
    if database == "SQLite":
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "shop.db"
        fill_sqlite(path, size)
        storage: Storage = open_sqlite(path, clock=clock, ids=ids, subscriptions=subscriptions)
        who = Working
    else:
        url = stack.enter_context(running_postgres()).url
        fill_postgresql(url, size)
        storage = open_postgresql(url, clock=clock, ids=ids, subscriptions=subscriptions)
        who = partial(backends, url)
    print(f"{database}: {size:,} bookings in {perf_counter() - started:.0f} s", flush=True)
    return storage, who


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--bookings", type=int, default=LARGE)
    parser.add_argument("--times", type=int, default=100, help="how often everything is asked")
    parser.add_argument("--databases", default="SQLite,PostgreSQL")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/benchmarks.md")
    given = parser.parse_args()
    tables = []
    for name in given.databases.split(","):
        with ExitStack() as stack:
            storages = {size: _opened(name, size, stack) for size in (SMALL, given.bookings)}
            times, fed = asyncio.run(measure(storages, given.times))
        micros, without = (median(each) for each in zip(*fed, strict=True))
        cost = f"A booking is stored in {micros:,.0f} µs of CPU with its words, in {without:,.0f} without."
        tables.append(f"**{name}**\n\n{told(times)}\n\n{cost}")
    print("\n\n".join(tables))
    if given.docs:
        DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), "\n\n".join(tables), name="million"), "utf-8")


if __name__ == "__main__":
    main()
