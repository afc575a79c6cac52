"""One transaction in one round trip, and what to do when it fails."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec.json import encode

from repaircore.adapters.storage.postgresql.errors import ADMIN_SHUTDOWN, AGAIN, STALE, failed, state_of, unheard
from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import Answers, Lost, Statement

BEGIN: Final[Statement] = ("begin", ())
COMMIT: Final[Statement] = ("commit", ())
NOTIFY: Final[Statement] = ("notify", (b"repaircore_jobs",))
"""Tells the workers of other processes that there is work, once it is committed."""

_TRIES: Final = 5


def locking(locks: Sequence[int]) -> Statement:
    """Take advisory locks, in that order."""
    return "locks", (encode([str(lock) for lock in locks]),)


async def transact(lane: Lane, statements: Sequence[Statement]) -> Answers:
    """Send the statements, which are one transaction, and answer what became of each, up to the first error. Raises Unavailable.

    What stood in another transaction's way is tried again, and so is what the server did not do because it was stopped. When the
    connection broke with the COMMIT on its way nobody knows: that is never tried again here.
    """
    for left in reversed(range(_TRIES)):
        try:
            (answers,) = await lane.exchange([statements])
        except Lost as lost:
            heard = _heard(lost, len(statements))
            if len(heard) == len(statements) and not any(map(failed, heard)):
                return heard
            if not left or not any(failed(answer) and state_of(answer) == ADMIN_SHUTDOWN for answer in heard):
                raise unheard(str(lost)) from lost
            continue
        states = {state_of(answer) for answer in answers if failed(answer)}
        if not states:
            return answers
        await _undo(lane, stale=not states.isdisjoint(STALE))
        if not left or states.isdisjoint(STALE | AGAIN):
            return answers
    raise AssertionError("the last try answers or raises")


def _heard(lost: Lost, expected: int) -> Answers:
    """What was heard of the transaction; a connection says goodbye behind its answers."""
    return lost.answers[-1][:expected] if lost.answers else []


async def _undo(lane: Lane, *, stale: bool) -> None:
    """End a transaction that failed; where that takes the connection, end the connection."""
    if stale:
        lane.close()
    elif lane.process:
        with suppress(Lost):
            await lane.exchange([[("rollback", ())]])
