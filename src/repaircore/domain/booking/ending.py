"""How a booking ends without the work being done, and what of the deposit the shop may keep."""

from repaircore.domain.actors import Actor
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.money import Money

_CUSTOMERS_DOING = frozenset({Action.CANCEL, Action.DECLINE, Action.NO_SHOW})


def kept(booking: Booking, action: Action, *, by: Actor) -> Money:
    """Answer what is kept: a non-refundable deposit that was paid, when the job ended by the customer's doing; else nothing."""
    nothing = Money.zero(booking.total.currency)
    by_customer = action is Action.NO_SHOW or (action in _CUSTOMERS_DOING and not by.is_staff)
    if booking.priced.deposit_refundable or not by_customer:
        return nothing
    return min(booking.paid, booking.priced.deposit)
