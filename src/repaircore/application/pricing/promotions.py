"""Promotion codes in use: what is left of each, counted when a quote becomes a booking, given back when that is called off."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.pricing.promotions import (
    Promotion,
    PromotionUnusable,
    PromotionUse,
    Used,
    known_again,
    normalised,
)
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.unit_of_work import BookingFilter, UnitOfWork, UnitOfWorkFactory

_GIVES_BACK = frozenset({Status.CANCELLED, Status.REJECTED})
_LOOKED_AT = 100


@frozen(kw_only=True)
class PromotionState:
    """A promotion of the rulebook in force, how often it was used, and why it cannot be used now (empty when it can)."""

    promotion: Promotion
    used: int
    refusal: str


@frozen
class Promotions:
    """The promotions room."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def all(self) -> tuple[PromotionState, ...]:
        """List the promotions of the rulebook in force, by code."""
        now = self.clock.now()
        await self.prices.follow(self.unit_of_work, now)
        async with self.unit_of_work() as work:
            return tuple(
                [
                    await self._state(work, promotion, now)
                    for promotion in sorted(self.prices.current(now).rulebook.promotions, key=lambda each: each.code)
                ]
            )

    async def _state(self, work: UnitOfWork, promotion: Promotion, now: datetime) -> PromotionState:
        used = await work.promotions.count(promotion.code)
        return PromotionState(promotion=promotion, used=used, refusal=promotion.refusal(Used(total=used), now))

    async def claim(self, work: UnitOfWork, quote: Quote, booking: Booking) -> None:
        """Gather a use of each code that the quote was made with.

        Raises PromotionUnusable when this customer may not use one; `commit` raises it when the last use is gone meanwhile.
        """
        if not quote.facts.promo_codes:
            return
        if not self.prices.has(quote.rulebook_version):
            self.prices.publish([await work.rulebooks.get(quote.rulebook_version)])
        rulebook = self.prices.version(quote.rulebook_version).rulebook
        customer = known_again(booking.customer.email, booking.customer.phone)
        found = await used(work, quote.facts.promo_codes, rulebook, booking.customer)
        for promotion in (each for each in rulebook.promotions if each.code in found):
            if why := promotion.refusal(found[promotion.code], quote.created_at):
                raise PromotionUnusable(promotion.code, why)
            use = PromotionUse(code=promotion.code, booking_id=booking.id, customer=customer, at=booking.created_at)
            work.promotions.use(use, promotion)


def give_back(work: UnitOfWork, before: Booking, after: Booking) -> None:
    """Give a booking's uses back when it was called off before work began."""
    if after.status in _GIVES_BACK and before.is_before_work:
        work.promotions.give_back(after.id)


async def used(
    work: UnitOfWork, codes: Sequence[str], rulebook: Rulebook, customer: Contact | None
) -> Mapping[str, Used]:
    """Look up how the codes that the rulebook knows were used so far, and by the customer, where one is known."""
    if not codes:
        return {}
    wanted = frozenset(map(normalised, codes))
    return {
        promotion.code: await _used(work, promotion, customer)
        for promotion in rulebook.promotions
        if promotion.code in wanted
    }


async def _used(work: UnitOfWork, promotion: Promotion, customer: Contact | None) -> Used:
    total = 0 if promotion.uses is None else await work.promotions.count(promotion.code)
    if customer is None:
        return Used(total=total)
    return Used(
        total=total,
        by_customer=await work.promotions.count(promotion.code, known_again(customer.email, customer.phone)),
        ordered_before=promotion.first_order and await _ordered_before(work, customer),
    )


async def _ordered_before(work: UnitOfWork, customer: Contact) -> bool:
    for text in (customer.email, customer.phone):
        bookings = await work.bookings.find(BookingFilter(text=text), limit=_LOOKED_AT)
        if not all(booking.ended_undone for booking in bookings):
            return True
    return False
