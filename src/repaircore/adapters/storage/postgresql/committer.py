"""Group commit: units of work that wait while a transaction is on its way share the next one, sent in one round trip.

A transaction is BEGIN, the locks, one statement for each kind of write, and COMMIT, all sent at once. A guard that fails raises an
error inside, so that COMMIT is never reached. Then the batch is halved until whoever is at fault stands alone: one conflict
fails only its own request.
"""

import asyncio
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Final

from attrs import define
from msgspec.json import encode
from psycopg.pq.abc import PGresult

from repaircore.adapters.storage.postgresql.crew import Crew
from repaircore.adapters.storage.postgresql.deliveries import handing_over
from repaircore.adapters.storage.postgresql.errors import NO_NUL, failed, no_nul, refused, state_of
from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import TEXTS, Statement, Texts
from repaircore.adapters.storage.postgresql.locks import EVENTS
from repaircore.adapters.storage.postgresql.steps import Plan, Step, plan
from repaircore.adapters.storage.postgresql.transactions import BEGIN, COMMIT, NOTIFY, locking, transact
from repaircore.adapters.storage.relational.gathering import Write
from repaircore.ports.errors import Unavailable

LANES: Final = 2
MOST_UNITS: Final = 64
"""How many units share a transaction at most."""


@define(eq=False)
class _Unit:
    """What somebody waits for."""

    writes: Sequence[Write]
    future: asyncio.Future[None]


class Committer:
    """Sends writes in shared transactions. `commit` comes back only when they are on the server's disk. With `delivers`, jobs
    that are due are handed to the engine in the transaction that enqueues them."""

    def __init__(self, url: str, *, lanes: int = LANES, delivers: bool = False, texts: Texts = TEXTS) -> None:
        commit = partial(_commit, delivers=delivers)
        self._crew = Crew([Lane(url, texts=texts) for _ in range(lanes)], most=MOST_UNITS, perform=commit)

    async def commit(self, writes: Sequence[Write]) -> None:
        """Send them all in one transaction, or none. Raises what refuses them, or Unavailable."""
        unit = _Unit(writes, asyncio.get_running_loop().create_future())
        self._crew.put(unit)
        await unit.future

    @property
    def processes(self) -> set[int]:
        """The server's processes that send this committer's notifications."""
        return self._crew.processes

    async def aclose(self) -> None:
        """Finish what was asked for, then let go of the connections."""
        await self._crew.aclose()


async def _commit(lane: Lane, units: Sequence[_Unit], *, delivers: bool) -> None:
    """Commit what was not given up meanwhile; whoever is at fault is told, the others are committed without it."""
    units = [unit for unit in units if not unit.future.cancelled()]
    if not units:
        return
    try:
        refusal = await _send(lane, plan(unit.writes for unit in units), delivers=delivers)
    except Exception as error:
        refusal = error
    if refusal is None or len(units) == 1 or isinstance(refusal, Unavailable):
        _settle(units, refusal)
        return
    half = len(units) // 2
    await _commit(lane, units[:half], delivers=delivers)
    await _commit(lane, units[half:], delivers=delivers)


def _settle(units: Sequence[_Unit], refusal: Exception | None) -> None:
    for unit in units:
        if unit.future.done():
            continue
        if refusal is None:
            unit.future.set_result(None)
        else:
            unit.future.set_exception(refusal if len(units) == 1 else copy(refusal))


async def _send(lane: Lane, planned: Plan, *, delivers: bool) -> Exception | None:
    """Do all of it in one transaction, or answer what refuses it. Raises Unavailable."""
    sent = transaction(planned, delivers=delivers)
    answers = await transact(lane, [statement for statement, _ in sent])
    place = next((place for place, answer in enumerate(answers) if failed(answer)), None)
    return None if place is None else _refusal(sent[place][1], answers[place])


def transaction(planned: Plan, *, delivers: bool = False) -> list[tuple[Statement, Step | None]]:
    """Write the plan as statements, each with the step that it does."""
    before: list[Statement] = [BEGIN]
    after: list[Statement] = []
    steps = [(step.statement(), step) for step in planned.steps]
    last = steps[-1:] if planned.records else []
    if planned.locks:
        before.append(locking(planned.locks))
    if planned.promotes:
        after.append(("jobs_promote", (encode(planned.promotes),)))
    if planned.enqueues and delivers:
        after.extend(handing_over(_enqueued_at(planned)))
    if planned.enqueues:
        after.append(NOTIFY)
    if planned.records:
        after.append(("lock_events", (str(EVENTS).encode(),)))
    return [*_bare(*before), *steps[: len(steps) - len(last)], *_bare(*after), *last, *_bare(COMMIT)]


def _enqueued_at(planned: Plan) -> str:
    """When the last of the work was enqueued."""
    jobs = (row for step in planned.steps if step.kind.statement == "job_add" for row in step.rows)
    return max(str(row["created_at"]) for row in jobs)


def _bare(*statements: Statement) -> list[tuple[Statement, Step | None]]:
    return [(statement, None) for statement in statements]


def _refusal(step: Step | None, answer: PGresult) -> Exception:
    if step is not None and state_of(answer) == NO_NUL:
        return no_nul(step.kind.statement.partition("_")[0] + _field_with_nul(step))
    return refused(answer, step.refusal if step else None)


def _field_with_nul(step: Step) -> str:
    return next((f".{name}" for row in step.rows for name, cell in row.items() if "\0" in str(cell)), "")
