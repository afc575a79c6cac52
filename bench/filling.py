"""Databases with any number of bookings in them, by lot and the same in every run; filled past the program, as fast as they take it."""

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice, product
from pathlib import Path
from typing import Any, Final

import psycopg
from attrs import evolve, frozen
from sqlalchemy import Table

from repaircore.adapters.storage import tables
from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.rows import booking_row
from repaircore.adapters.storage.searching import words_of
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.booking.reference import reference
from repaircore.domain.identity import BookingId
from repaircore.testing.storage.values import DEVICE, a_booking

BEGINNING: Final = datetime(2016, 1, 4, 8, tzinfo=UTC)
AT_A_TIME: Final = 20_000
TECHNICIANS: Final = 3

_SYLLABLES: Final = (
    "ba",
    "ren",
    "mar",
    "ti",
    "sko",
    "lund",
    "ve",
    "son",
    "ker",
    "po",
    "wa",
    "li",
    "dor",
    "gen",
    "hu",
    "mi",
)
_ENDINGS: Final = ("", "s", "er", "ez", "ski", "ton")
_MODELS: Final = [
    *(f"iPhone {number}{kind}" for number in range(5, 17) for kind in ("", " Pro", " Pro Max", " mini")),
    *(f"Galaxy S{number}{kind}" for number in range(8, 25) for kind in ("", " Ultra", "+")),
    *(f"Pixel {number}{kind}" for number in range(3, 10) for kind in ("", " Pro", "a")),
]

Row = tuple[Any, ...]


@frozen
class Crowd:
    """Names and devices, some far more frequent than others, as they are."""

    first: tuple[str, ...]
    last: tuple[str, ...]

    def names(self, chance: random.Random, wanted: int) -> list[str]:
        """Answer so many names of customers."""
        first, last = (_drawn(chance, names, wanted) for names in (self.first, self.last))
        return [f"{one} {other}" for one, other in zip(first, last, strict=True)]


def _drawn(chance: random.Random, names: tuple[str, ...], wanted: int) -> list[str]:
    weights = list(accumulate(1 / (place + 10) for place in range(len(names))))
    return chance.choices(names, cum_weights=weights, k=wanted)


def crowd() -> Crowd:
    """Answer 256 first names and some 24,000 surnames."""
    chance = random.Random(11)
    first = [f"{a}{b}".capitalize() for a, b in product(_SYLLABLES, repeat=2)]
    last = [f"{a}{b}{c}{end}".capitalize() for a, b, c in product(_SYLLABLES, repeat=3) for end in _ENDINGS]
    chance.shuffle(first)
    chance.shuffle(last)
    return Crowd(tuple(first), tuple(last))


def a_customer(number: int, name: str) -> Contact:
    """Answer a customer who can be reached nowhere."""
    return Contact(name=name, email=f"c{number // 2}@example.com", phone=f"+1555{number // 2:07d}")


def bookings(wanted: int) -> Iterator[Booking]:
    """Answer so many bookings, one every five minutes."""
    chance, people = random.Random(7), crowd()
    devices = [evolve(DEVICE, id=model.lower().replace(" ", "-"), name=model) for model in _MODELS]
    states, template = list(Status), a_booking()
    for start in range(0, wanted, AT_A_TIME):
        names = people.names(chance, AT_A_TIME)
        for number in range(start, min(start + AT_A_TIME, wanted)):
            at = BEGINNING + timedelta(minutes=5 * number)
            yield evolve(
                template,
                id=BookingId(f"bk_{number:09d}"),
                reference=reference(number),
                status=chance.choice(states),
                technician_id=f"tech_{chance.randrange(TECHNICIANS)}",
                customer=a_customer(number, names[number - start]),
                device=chance.choice(devices),
                created_at=at,
                updated_at=at,
            )


def fill_sqlite(path: Path, wanted: int) -> None:
    """Make a file with so many bookings."""
    migrate(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    for rows, words in _batches(wanted):
        connection.execute("BEGIN")
        connection.executemany(SQL["booking_add"], rows)
        connection.executemany("INSERT INTO booking_words VALUES (?, ?, ?)", words)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def fill_postgresql(url: str, wanted: int) -> None:
    """Fill an empty database with so many bookings."""
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for rows, words in _batches(wanted):
            _copy(connection, tables.bookings, rows)
            _copy(connection, tables.booking_words, words)
        connection.execute("VACUUM ANALYZE")


def _copy(connection: psycopg.Connection, table: Table, rows: list[Row]) -> None:
    into = f"COPY {table.name} ({', '.join(column.name for column in table.columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _batches(wanted: int) -> Iterator[tuple[list[Row], list[Row]]]:
    """Answer rows of bookings, and those of their words in the order of their key."""
    made = bookings(wanted)
    while batch := list(islice(made, AT_A_TIME)):
        rows = [booking_row(booking) for booking in batch]
        words = [
            (word, row[23], booking.id)
            for booking, row in zip(batch, rows, strict=True)
            for word in words_of(booking.customer.name, booking.device.name)
        ]
        yield rows, sorted(words)
