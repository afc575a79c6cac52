"""Who uses the servers: customers who do not give up, staff who race, and the provider's courier."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING

from attrs import define, field

from repaircore.application.operations.once import InProgress
from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.booking.lifecycle import Action, Status
from repaircore.domain.errors import DomainError, NothingDue
from repaircore.domain.identity import BookingId, PaymentId, QuoteId
from repaircore.domain.payments.payment import FactKind, PaymentStatus, Purpose
from repaircore.ports.errors import AlreadyExists, Conflict, OutcomeUnknown, Unavailable
from repaircore.ports.payments import InvalidSignature
from repaircore.wiring.core import Core
from tests.chaos.simulation.servers import Lost

if TYPE_CHECKING:
    from tests.chaos.simulation.world import World

STAFF = Actor(Role.STAFF, "key_staff")
_AGAIN = (Lost, Unavailable, Conflict, AlreadyExists, OutcomeUnknown, InProgress)


async def once(core: Core, scope: str, key: str, work: Callable[[Core], Awaitable[str]]) -> str:
    """Do a request under an idempotency key, as the HTTP entrypoint does."""
    async with core.once.attempt(scope, key, "the same body") as attempt:
        if attempt.replay is not None:
            return attempt.replay.body.decode()
        return (await attempt.answer(200, {}, (await work(core)).encode())).body.decode()


@define(eq=False)
class Customer:
    """Somebody with a broken screen. `name` is theirs alone."""

    world: "World"
    name: str
    _keys: "count[int]" = field(factory=lambda: count(1), init=False)

    async def live(self) -> None:
        """Ask for a price, book, pay, have it confirmed; perhaps leave in the middle, perhaps change their mind."""
        chance = self.world.chance
        await asyncio.sleep(chance.uniform(0, 4))
        try:
            booking = await self._book()
            if chance.random() < 0.1:
                return
            await asyncio.gather(*(self._pay(booking) for _ in range(1 + (chance.random() < 0.3))))
            if chance.random() < 0.3:
                return  # the webhook or the daily look will have to do
            await self._see_paid(booking)
            await self._race(booking, racers=chance.randint(2, 4))
            if chance.random() < 0.3:
                await self._move(booking, Action.CANCEL)
        except DomainError as error:
            self.world.journal.wrong.append(f"{self.name} was refused: {type(error).__name__}: {error}")

    async def _book(self) -> BookingId:
        quote = QuoteId(await self._insist("quote", _quote))
        booking, reference = (await self._insist("book", lambda core: _book(core, quote, self.name))).split()
        self.world.journal.booked[booking] = reference
        return BookingId(booking)

    async def _pay(self, booking: BookingId) -> None:
        """Pay at the provider's, with another card when the bank says no."""
        gateway, chance = self.world.gateway, self.world.chance
        captured = 0
        while not captured:
            try:
                payment, reference = (await self._insist("pay", lambda core: _start(core, booking))).split()
            except NothingDue:
                return
            self.world.journal.started.add(payment)
            await self.world.weather.delay(0.2)
            if chance.random() < 0.2:
                gateway.decline(reference)
            else:
                gateway.approve(reference)
            captured = gateway.payments[reference].sum(FactKind.CAPTURED).amount

    async def _see_paid(self, booking: BookingId) -> None:
        """Ask until a payment is seen to have succeeded."""
        seen = ""
        while not seen:
            seen = await self._insist("verify", lambda core: _verify(core, booking))
        self.world.journal.paid.add(seen)

    async def _race(self, booking: BookingId, *, racers: int) -> None:
        """Several of the staff press the same button."""
        won = await asyncio.gather(*(self._confirm(booking) for _ in range(racers)))
        self.world.journal.raced[booking] = sum(won)

    async def _confirm(self, booking: BookingId) -> bool:
        try:
            await self._move(booking, Action.CONFIRM)
        except DomainError:
            return False
        return True

    async def _move(self, booking: BookingId, action: Action) -> None:
        await self._insist(action, lambda core: _move(core, booking, action))
        self.world.journal.moved.append((booking, action))

    async def _insist(self, scope: str, work: Callable[[Core], Awaitable[str]]) -> str:
        """Ask under one key until there is an answer, of whichever server."""
        key = f"{self.name}-{next(self._keys)}"
        while True:
            server = self.world.chance.choice(self.world.servers)
            try:
                return await server.ask(lambda core: once(core, scope, key, work))
            except _AGAIN:
                await self.world.weather.delay(0.3)


async def _quote(core: Core) -> str:
    return (await core.pricing.quote(device="iphone-13-pro", items=["screen"], urgency="urgent")).id


async def _book(core: Core, quote: QuoteId, name: str) -> str:
    contact = core.booking.contact(f"Ann {name}", f"{name}@example.com", "020 7946 0123")
    booking = await core.booking.book(quote, customer=contact, issue_description="The screen is cracked from a fall")
    return f"{booking.id} {booking.reference}"


async def _start(core: Core, booking: BookingId) -> str:
    payment = await core.payments.start(booking, Purpose.DEPOSIT, by=GUEST)
    return f"{payment.id} {payment.provider_reference}"


async def _verify(core: Core, booking: BookingId) -> str:
    """Answer the payment that succeeded, if one did and the booking knows."""
    for payment in await core.payments.of_booking(booking):
        if payment.is_open:
            await core.payments.verify(PaymentId(payment.id))
    known = [each.id for each in await core.payments.of_booking(booking) if each.status is PaymentStatus.SUCCEEDED]
    return known[0] if known and (await core.booking.get(booking)).status is Status.DEPOSIT_PAID else ""


async def _move(core: Core, booking: BookingId, action: Action) -> str:
    return (await core.booking.move(booking, action, by=STAFF, reason="asked for")).status


@define(eq=False)
class Courier:
    """Brings the provider's webhooks: late, twice, in any order, or not at all."""

    world: "World"

    async def live(self) -> None:
        """Bring what is new, for ever."""
        brought = 0
        while True:
            fresh = self.world.gateway.webhooks[brought:]
            brought += len(fresh)
            for headers, body in fresh:
                copies = 0 if self.world.weather.strikes("webhook lost", 0.15) else 1
                copies += self.world.weather.strikes("webhook twice", 0.2)
                for _ in range(copies):
                    asyncio.get_running_loop().create_task(self._bring(headers, body))
            await asyncio.sleep(0.1)

    async def _bring(self, headers: dict[str, str], body: bytes) -> None:
        event = self.world.gateway.read_webhook(headers, body, now=self.world.clock.now()).event_id
        for _ in range(5):
            await self.world.weather.delay(1)
            server = self.world.chance.choice(self.world.servers)
            try:
                await server.ask(lambda core: core.payments.receive_webhook("memory", headers, body))
            except (*_AGAIN, InvalidSignature):
                continue
            self.world.journal.told.add(event)
            return
