"""Looking a customer up for a price: only where the rulebook has a rule that asks, with one indexed read."""

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.booking.reference import normalise_reference
from repaircore.domain.errors import InvalidValue, ReasonRequired
from repaircore.domain.pricing.loyalty import CustomerRecord, customer_key
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest
from repaircore.domain.pricing.rules import Rulebook
from repaircore.domain.pricing.standing import NOBODY, NotTheCustomer, Standing, customer_mark, standing_of
from repaircore.ports.unit_of_work import BookingFilter, UnitOfWork

_OTHERWISE = "the customer's record says otherwise: give a reason for what you state"
_ANOTHER = "this price was made for another customer: ask for a quote of your own"
_NO_MORE = "this price was for a first order, and there is one by now: ask for a new quote"


@frozen
class Standings:
    """What customers' records say, for the rulebooks that ask."""

    prices: PriceBook

    async def of(
        self, work: UnitOfWork, request: QuoteRequest, rulebook: Rulebook, customer: Contact | None, reason: str
    ) -> Standing:
        """Look a customer up. What staff state stands instead of the record: where it says otherwise, with a reason.

        Raises ReasonRequired.
        """
        if customer is None or not self.prices.looks_at_record(rulebook):
            return NOBODY
        record = await _record(work, customer, rulebook.currency)
        found = standing_of(
            record,
            rulebook.loyalty,
            customer=customer_mark(customer.email, customer.phone),
            sent=await _was_sent(work, request.referral_code, customer),
        )
        if not is_stated(request):
            return found
        if _contradicts(request, found) and not reason.strip():
            raise ReasonRequired(_OTHERWISE)
        return NOBODY


async def must_be_the_customer(work: UnitOfWork, quote: Quote, booking: Booking) -> None:
    """Raise NotTheCustomer unless who books is the one whose record the price was made by, and its first order still is one."""
    facts, customer = quote.facts, booking.customer
    if not facts.customer:
        return
    if customer_mark(customer.email, customer.phone) != facts.customer:
        raise NotTheCustomer(_ANOTHER)
    if facts.first_order and (await _record(work, customer, booking.total.currency)).orders:
        raise NotTheCustomer(_NO_MORE)


async def _record(work: UnitOfWork, customer: Contact, currency: str) -> CustomerRecord:
    return CustomerRecord.of(await work.bookings.of_customer(customer.email, customer.phone), currency)


async def _was_sent(work: UnitOfWork, reference: str, customer: Contact) -> bool:
    """Whether that is the reference of another customer's completed booking. Raises InvalidValue where it is none at all."""
    if not reference.strip():
        return False
    wanted = _reference(reference)
    found = await work.bookings.find(BookingFilter(text=wanted), limit=2)
    return any(
        each.reference == wanted and each.status is Status.COMPLETED and _is_another(each.customer, customer)
        for each in found
    )


def _is_another(one: Contact, other: Contact) -> bool:
    return customer_key(one.email) != customer_key(other.email) and one.phone != other.phone


def _reference(text: str) -> str:
    try:
        return normalise_reference(text)
    except InvalidValue:
        raise InvalidValue(f"{text!r} is not a booking's reference", pointer="/referral_code") from None


def is_stated(request: QuoteRequest) -> bool:
    """Whether somebody says who the customer is."""
    return bool(request.tier) or request.first_order is not None or request.referred is not None


def _contradicts(request: QuoteRequest, found: Standing) -> bool:
    stated = (
        (request.tier or None, found.tier),
        (request.first_order, found.first_order),
        (request.referred, found.referred),
    )
    return any(said is not None and said != known for said, known in stated)
