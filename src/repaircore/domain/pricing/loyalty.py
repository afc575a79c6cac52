"""What customers ordered so far, added up, and the tiers that it earns them."""

from collections.abc import Iterable

from attrs import frozen

from repaircore.domain.booking.lifecycle import ENDED_UNDONE, Status


@frozen(kw_only=True)
class PastOrders:
    """So many bookings in that state, of one who has the customer's e-mail or phone; `is_same` where both. `spent` is in minor
    units."""

    status: Status
    currency: str
    count: int
    spent: int
    is_same: bool


@frozen(kw_only=True)
class CustomerRecord:
    """`orders` are those that were not called off, by e-mail or phone. `completed` and `spent` (minor units) are of those that
    have both: who has only one of them may be somebody else, who must not have another's loyalty."""

    orders: int = 0
    completed: int = 0
    spent: int = 0

    @classmethod
    def of(cls, past: Iterable[PastOrders], currency: str) -> "CustomerRecord":
        """Add up what is stored."""
        known = [each for each in past if each.status not in ENDED_UNDONE]
        done = [each for each in known if each.is_same and each.status is Status.COMPLETED]
        return cls(
            orders=sum(each.count for each in known),
            completed=sum(each.count for each in done),
            spent=sum(each.spent for each in done if each.currency == currency),
        )


@frozen(kw_only=True)
class Threshold:
    """From how many completed orders, or how much spent (minor units), a customer is of that tier. None is no way to it."""

    tier: str
    orders: int | None = None
    spent: int | None = None

    def is_reached(self, record: CustomerRecord) -> bool:
        """Whether either is reached."""
        by_orders = self.orders is not None and record.completed >= self.orders
        return by_orders or (self.spent is not None and record.spent >= self.spent)


def customer_key(email: str) -> str:
    """Answer an e-mail address as customers are told apart by it: capitals do not matter."""
    return email.translate(_SMALL)


_SMALL = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
