"""What it costs those who book that their booking can be found by words: the same bookings with and without."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Protocol

from attrs import evolve, frozen

from bench.filling import a_customer, crowd
from bench.working import Working
from repaircore.adapters.storage.relational.gathering import Write
from repaircore.adapters.storage.relational.unit_of_work import Committer, RelationalUnitOfWork
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.reference import reference
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.testing.storage.values import a_booking, a_quote, a_replay, an_entry, an_event, first_entry

AT_ONCE: Final = 32
OF_EACH: Final = 640
ROUNDS: Final = 9

_numbers: Final = count(1)


class Storage(Protocol):
    """A database of bookings."""

    def unit_of_work(self) -> RelationalUnitOfWork: ...


@frozen
class WithoutWords:
    """Sends everything else."""

    committer: Committer

    async def commit(self, writes: Sequence[Write]) -> None:
        """Leave the words out."""
        await self.committer.commit([write for write in writes if write.statement != "word_add"])


async def feeding(storage: Storage, who: Callable[[], Working]) -> list[tuple[float, float]]:
    """Answer, for each round, the microseconds of CPU of a booking with its words and without."""
    await _book(storage, who, words=True)
    found = []
    for number in range(ROUNDS):
        order = (True, False) if number % 2 else (False, True)
        cpu = {words: await _book(storage, who, words=words) for words in order}
        found.append((cpu[True] / OF_EACH * 1000, cpu[False] / OF_EACH * 1000))
    return found


async def _book(storage: Storage, who: Callable[[], Working], *, words: bool) -> float:
    names = crowd().names(random.Random(next(_numbers)), OF_EACH)
    waiting = [_booked(next(_numbers), name) for name in names]
    working = who()
    before = working.milliseconds()

    async def customer() -> None:
        while waiting:
            await _commit(storage, waiting.pop(), words=words)

    await asyncio.gather(*(customer() for _ in range(AT_ONCE)))
    return working.milliseconds() - before


def _booked(number: int, name: str) -> Booking:
    at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    new = evolve(a_booking(), id=BookingId(f"bk_new_{number:09d}"), reference=reference((1 << 32) + number))
    return evolve(new, customer=a_customer(number, name), created_at=at, updated_at=at)


async def _commit(storage: Storage, booking: Booking, *, words: bool) -> None:
    """What a request for a booking stores: a quote, the booking, its price in the ledger, an event, two jobs, the answer."""
    work = storage.unit_of_work()
    if not words:
        work = RelationalUnitOfWork(evolve(work._around, committer=WithoutWords(work._around.committer)))
    number = next(_numbers)
    work.quotes.add(evolve(a_quote(), id=QuoteId(f"qt_new_{number:09d}")))
    work.bookings.add(booking, first_entry(booking))
    work.ledger.post(evolve(an_entry(), id=f"le_new_{number}", key=f"charge/new/{number}", booking_id=booking.id))
    work.record(an_event(booking))
    work.replays.add(a_replay(f"new{number}"))
    await work.commit()
