"""Idempotency keys: the effects of a request and the answer to it are committed together, so a repeat finds both or neither."""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from attrs import define, field, frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.events import Event
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists, PortError
from repaircore.ports.jobs import Job, NewJob
from repaircore.ports.unit_of_work import (
    ApiKeys,
    Bookings,
    Catalogues,
    Events,
    Inbox,
    Ledger,
    MarketSnapshots,
    Payments,
    PromotionUses,
    Quotes,
    Replay,
    Replays,
    Rulebooks,
    UnitOfWork,
    UnitOfWorkFactory,
)

FORGET_REPLAYS = "operations.forget_replays"
KEPT_FOR = timedelta(hours=24)

_wider: ContextVar[UnitOfWork | None] = ContextVar("wider_unit_of_work", default=None)


class InProgress(DomainError):
    """A request with this idempotency key is being answered at this moment."""

    code = "idempotency_in_progress"


class KeyReused(DomainError):
    """The idempotency key was used before for another request."""

    code = "idempotency_key_reused"


@frozen
class Joining:
    """Opens units of work that, inside an attempt, leave the sending to it."""

    alone: UnitOfWorkFactory

    def __call__(self) -> UnitOfWork:
        """Open a unit: a part of the attempt under way, or one of its own."""
        wider = _wider.get()
        return self.alone() if wider is None else _Part(wider)


@frozen
class _Part:
    """A unit of work inside a wider one: it gathers there, and only an intent that is about to be told outside is sent at once."""

    _wider: UnitOfWork

    @property
    def quotes(self) -> Quotes:
        return self._wider.quotes

    @property
    def bookings(self) -> Bookings:
        return self._wider.bookings

    @property
    def payments(self) -> Payments:
        return self._wider.payments

    @property
    def ledger(self) -> Ledger:
        return self._wider.ledger

    @property
    def events(self) -> Events:
        return self._wider.events

    @property
    def rulebooks(self) -> Rulebooks:
        return self._wider.rulebooks

    @property
    def catalogues(self) -> Catalogues:
        return self._wider.catalogues

    @property
    def market(self) -> MarketSnapshots:
        return self._wider.market

    @property
    def promotions(self) -> PromotionUses:
        return self._wider.promotions

    @property
    def inbox(self) -> Inbox:
        return self._wider.inbox

    @property
    def api_keys(self) -> ApiKeys:
        return self._wider.api_keys

    @property
    def replays(self) -> Replays:
        return self._wider.replays

    def record(self, *events: Event) -> None:
        self._wider.record(*events)

    def enqueue(self, *jobs: NewJob) -> None:
        self._wider.enqueue(*jobs)

    async def commit(self, *, now: bool = False) -> None:
        if now:
            await self._wider.commit(now=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


@define
class Attempt:
    """One request under an idempotency key. `replay` is the earlier answer, if there was one: give it again and do nothing."""

    scope: str
    key: str
    fingerprint: str
    replay: Replay | None = field(default=None, init=False)
    _work: UnitOfWork
    _clock: Clock
    _running: set[tuple[str, str]]
    _joined: Token[UnitOfWork | None] = field(init=False)

    async def __aenter__(self) -> Self:
        """Enter the request. Raises InProgress while another one with the key runs here, KeyReused for another body."""
        name = self.scope, self.key
        if name in self._running:
            raise InProgress("a request with this Idempotency-Key is running: repeat it when that one was answered")
        self._running.add(name)
        try:
            await self._work.__aenter__()
            self.replay = await self._earlier()
        except BaseException as error:
            await self._leave(type(error), error, error.__traceback__)
            raise
        self._joined = _wider.set(self._work)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the request. Raises InProgress in place of a refusal when another process has answered the key meanwhile: what was
        refused is what that one had done already, and a repetition is told so."""
        _wider.reset(self._joined)
        try:
            if isinstance(error, DomainError | PortError) and await self._was_answered_elsewhere():
                raise InProgress("a request with this Idempotency-Key was answered just now: repeat it") from error
        finally:
            await self._leave(kind, error, trace)

    async def _was_answered_elsewhere(self) -> bool:
        try:
            earlier = None if self.replay else await self._work.replays.get(self.scope, self.key)
        except PortError:
            return False
        return earlier is not None and not self._is_forgotten(earlier)

    async def _leave(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._work.__aexit__(kind, error, trace)
        finally:
            self._running.discard((self.scope, self.key))

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> Replay:
        """Commit what the request did together with its answer, and say which answer stands: of two processes with one key, the
        faster one's. Raises Conflict and AlreadyExists as any commit does."""
        answer = Replay(
            scope=self.scope,
            key=self.key,
            fingerprint=self.fingerprint,
            status=status,
            headers=headers,
            body=body,
            created_at=self._clock.now(),
        )
        self._work.replays.add(answer)
        try:
            await self._work.commit()
        except AlreadyExists as clash:
            earlier = await self._work.replays.get(self.scope, self.key)
            if clash.constraint != "idempotency.key" or earlier is None:
                raise
            return _same_request(earlier, self.fingerprint)
        return answer

    async def _earlier(self) -> Replay | None:
        earlier = await self._work.replays.get(self.scope, self.key)
        if earlier is None:
            return None
        if self._is_forgotten(earlier):
            self._work.replays.prune(created_before=self._kept_since)  # it would stand in the way of the new answer
            return None
        return _same_request(earlier, self.fingerprint)

    def _is_forgotten(self, earlier: Replay) -> bool:
        return earlier.created_at < self._kept_since

    @property
    def _kept_since(self) -> datetime:
        return self._clock.now() - KEPT_FOR


@frozen
class Once:
    """Runs a request at most once for each idempotency key."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    _running: set[tuple[str, str]] = field(factory=set, init=False)

    def attempt(self, scope: str, key: str, fingerprint: str) -> Attempt:
        """Prepare a request: enter it to begin."""
        return Attempt(scope, key, fingerprint, self.unit_of_work(), self.clock, self._running)


def _same_request(earlier: Replay, fingerprint: str) -> Replay:
    if earlier.fingerprint != fingerprint:
        raise KeyReused("this Idempotency-Key was used for another request: use a new key for a new request")
    return earlier


@frozen
class ForgetReplays:
    """Periodic job: answers older than a day are forgotten."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    async def __call__(self, job: Job) -> None:
        async with self.unit_of_work() as work:
            work.replays.prune(created_before=self.clock.now() - KEPT_FOR)
            await work.commit()
