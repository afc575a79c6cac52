"""Prices that staff agreed with a customer, and who may change how much. `agreeing.py` puts them into a quote."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from attrs import frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import Forbidden
from repaircore.domain.identity import QuoteId

CODE = "override"  # of the line that brings an order to its agreed subtotal
_DAY = 24 * 3600
_NAMES = {Role.TECHNICIAN: "a technician", Role.STAFF: "a member of staff", Role.ADMIN: "an admin"}


@frozen(kw_only=True)
class AgreedPrice:
    """An agreed amount in minor units: the price of one of a line, by its code, or without a line the order's subtotal."""

    amount: int
    line: str = ""


@frozen(kw_only=True)
class Override:
    """What was agreed, as a part of a quote's facts: it is hashed, explained and recomputed with them."""

    prices: tuple[AgreedPrice, ...]
    reason: str
    by: Actor
    at: datetime
    expires_at: datetime
    replaces: QuoteId

    @property
    def order(self) -> int | None:
        """The agreed subtotal, if one was agreed."""
        return next((price.amount for price in self.prices if not price.line), None)


@frozen(kw_only=True)
class OverrideLimits:
    """By how many percent each role may change a price, up or down; None is any. `held` is for how many seconds at most."""

    technician: Fraction | None = Fraction(10)
    staff: Fraction | None = Fraction(20)
    admin: Fraction | None = None
    held: int = 30 * _DAY

    def of(self, role: Role) -> Fraction | None:
        """Answer the role's limit. Raises Forbidden for roles that agree no prices."""
        limits = self._by_role()
        if role not in limits:
            raise Forbidden(f"a {role} may not change a price: ask {_named(limits)}")
        return limits[role]

    def check(self, price: AgreedPrice, before: int, by: Actor) -> None:
        """Raise Forbidden, naming who may, when the actor's limit is exceeded."""
        limit = self.of(by.role)
        if _is_within(limit, price.amount, before):
            return
        others = [role for role, most in self._by_role().items() if _is_within(most, price.amount, before)]
        raise Forbidden(
            f"{_NAMES[by.role]} may change a price by {float(limit or 0):g} %, and {price.line or 'the order'} would "
            f"change by {_change(price.amount, before)}: {f'ask {_named(others)}' if others else 'nobody may do that'}"
        )

    def _by_role(self) -> Mapping[Role, Fraction | None]:
        return {Role.TECHNICIAN: self.technician, Role.STAFF: self.staff, Role.ADMIN: self.admin}


def _is_within(limit: Fraction | None, after: int, before: int) -> bool:
    return limit is None or abs(after - before) * 100 <= limit * before


def _change(after: int, before: int) -> str:
    """Write the change in percent, rounded up: what exceeds a limit never reads as the limit."""
    return f"{-(-abs(after - before) * 10_000 // before) / 100:g} %" if before else "more than any part of nothing"


def _named(roles: Iterable[Role]) -> str:
    return " or ".join(_NAMES[role] for role in roles)
