"""Memory, SQLite and PostgreSQL find the same bookings by the same words, few as many."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from repaircore.adapters.storage.relational.searching import MOST_COUNTED, MOST_SPELLED
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Status
from repaircore.ports.unit_of_work import BookingFilter, Position
from repaircore.testing.storage.harness import StorageHarness, store
from repaircore.testing.storage.lists import named
from repaircore.testing.storage.values import DEVICE, NOON, a_booking
from tests.contract.storage.bending import bent
from tests.contract.storage.harnesses import MemoryHarness, PostgresqlHarness, SqliteHarness
from tests.contract.storage.liars import as_typed

BOOKINGS = MOST_COUNTED + MOST_SPELLED
"""So many that words which all of them have, and beginnings, are looked for in each of the ways there are."""

SURNAMES = ("Bloggs", "Bloggs-Łukasz", "Blöggs", "O’Blog")
TYPED = st.sampled_from(
    [
        "n",
        "n1",
        "n10",
        "n1042",
        "bloggs n",
        "n bloggs",
        "n7 blog",
        "blog",
        "lukasz",
        "ł",
        "o b",
        "iphone",
        "iphone 13 pro",
    ]
) | st.text(st.sampled_from("nblogsłö 013-'%"), min_size=1, max_size=6)


def a_named_booking(number: int) -> Booking:
    """A booking whose words are its own in part."""
    return evolve(
        a_booking(number, minutes=number // 3),
        customer=named(f"N{number} {SURNAMES[number % 7 % 4]}"),
        device=evolve(DEVICE, name="iPhone 13 Pro" if number % 5 else "Pixel 7"),
        status=Status.CONFIRMED if number % 2 else Status.PENDING,
        technician_id=f"tech_{number % 3}",
    )


@frozen
class Three:
    """The same bookings in three databases."""

    runner: asyncio.Runner
    harnesses: Sequence[StorageHarness]

    def find(self, wanted: BookingFilter, after: Position | None, *, newest_first: bool) -> list[list[Booking]]:
        """Ask all of them."""

        async def ask(harness: StorageHarness) -> list[Booking]:
            bookings = harness.storage.unit_of_work().bookings
            return list(await bookings.find(wanted, limit=5, after=after, newest_first=newest_first))

        return [self.runner.run(ask(harness)) for harness in self.harnesses]


@pytest.fixture
def three(tmp_path: Path, postgres_url: str) -> Iterator[Three]:
    with closing(asyncio.Runner()) as runner:
        yield from filled(runner, MemoryHarness(), SqliteHarness(tmp_path / "shop.db"), PostgresqlHarness(postgres_url))


def filled(runner: asyncio.Runner, *harnesses: StorageHarness) -> Iterator[Three]:
    """Store the bookings, and close the databases at the end."""
    for harness in harnesses:
        runner.run(store(harness, *(a_named_booking(number) for number in range(1, BOOKINGS + 1))))
    yield Three(runner, harnesses)
    for harness in harnesses:
        runner.run(harness.storage.aclose())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    text=TYPED,
    status=st.sampled_from([None, Status.PENDING]),
    technician=st.sampled_from(["", "tech_1"]),
    after=st.none() | st.integers(1, BOOKINGS),
    newest_first=st.booleans(),
)
@example(text="n", status=None, technician="", after=None, newest_first=True)
@example(text="n", status=Status.PENDING, technician="tech_1", after=500, newest_first=False)
@example(text="13 pro n", status=None, technician="", after=700, newest_first=True)
@example(text="n99", status=None, technician="tech_1", after=None, newest_first=False)
def test_all_find_the_same(
    three: Three, text: str, status: Status | None, technician: str, after: int | None, newest_first: bool
) -> None:
    """Whatever is typed, however it is filtered, from wherever the list goes on."""
    wanted = BookingFilter(text=text, status=status, technician_id=technician)
    place = None if after is None else Position(NOON + timedelta(minutes=after // 3), f"bk_{after:04d}")

    memory, sqlite, postgresql = three.find(wanted, place, newest_first=newest_first)

    assert sqlite == memory
    assert postgresql == memory


def test_a_difference_is_noticed(tmp_path: Path) -> None:
    """A twin that goes by the first word alone is told apart."""
    hasty = bent("bookings", "find", as_typed(lambda text: text.split()[0]))
    with closing(asyncio.Runner()) as runner:
        for both in filled(runner, MemoryHarness(hasty), SqliteHarness(tmp_path / "shop.db")):
            ours, theirs = both.find(BookingFilter(text="bloggs n7"), None, newest_first=True)

    assert ours != theirs
