"""A checkout session and its rules: what may be charged, captured, given back and released. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import evolve, field, frozen

from repaircore.adapters.payments.sandbox.wire import Moment, WireOperation, WireSession


class Refused(Exception):
    """The provider says no: an HTTP status, a stable code, and words for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Mode(StrEnum):
    """What an approval does."""

    SALE = "sale"
    AUTHORIZE = "authorize"


class Status(StrEnum):
    """Where a session is. Refunds do not change it."""

    OPEN = "open"
    CHALLENGE = "challenge"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    PAID = "paid"
    DECLINED = "declined"
    VOIDED = "voided"


PAYABLE = frozenset({Status.OPEN, Status.CHALLENGE})


class Kind(StrEnum):
    """What was done."""

    AUTHORIZATION = "authorization"
    CHARGE = "charge"
    DECLINE = "decline"
    REFUND = "refund"
    VOID = "void"


@frozen(kw_only=True)
class Operation:
    """One thing that was done with a session."""

    id: str
    kind: Kind
    amount: int
    at: Moment
    detail: str = ""


@frozen(kw_only=True)
class Session:
    """One checkout; all amounts are minor units of its currency. No card data, ever."""

    id: str
    key: str
    mode: Mode
    amount: int
    currency: str
    description: str
    return_url: str
    pay_url: str
    created_at: Moment
    metadata: Mapping[str, str] = field(factory=dict)
    status: Status = Status.OPEN
    operations: tuple[Operation, ...] = ()

    @property
    def charged(self) -> int:
        """What was collected, before refunds."""
        return self._sum(Kind.CHARGE)

    @property
    def refunded(self) -> int:
        """What was given back."""
        return self._sum(Kind.REFUND)

    def approve(self, *, id: str, at: Moment) -> "Session":
        """The customer's bank said yes: a sale is charged, an authorization only reserved."""
        kind, status = (Kind.CHARGE, Status.PAID) if self.mode is Mode.SALE else (Kind.AUTHORIZATION, Status.AUTHORIZED)
        return self._after(Operation(id=id, kind=kind, amount=self.amount, at=at), status)

    def decline(self, reason: str, *, id: str, at: Moment) -> "Session":
        """The bank said no, and the session is closed."""
        return self._after(
            Operation(id=id, kind=Kind.DECLINE, amount=self.amount, at=at, detail=reason), Status.DECLINED
        )

    def moved(self, status: Status) -> "Session":
        """Show another status, with nothing done."""
        return evolve(self, status=status)

    def capture(self, amount: int, currency: str, *, id: str, at: Moment) -> "Session":
        """Charge (a part of) what was reserved; never more than that in all."""
        if Kind.AUTHORIZATION not in {each.kind for each in self.operations} or self.status is Status.VOIDED:
            raise Refused(422, "not_capturable", "Nothing is reserved on this session.")
        self._check(amount, currency, most=self.amount - self.charged, code="capture_too_large")
        return self._after(Operation(id=id, kind=Kind.CHARGE, amount=amount, at=at), Status.PAID)

    def refund(self, amount: int, currency: str, *, id: str, at: Moment) -> "Session":
        """Give back (a part of) what was charged; never more than is left."""
        self._check(amount, currency, most=self.charged - self.refunded, code="refund_too_large")
        return self._after(Operation(id=id, kind=Kind.REFUND, amount=amount, at=at), self.status)

    def void(self, *, id: str, at: Moment) -> "Session":
        """Release a reservation nothing was charged from, or close a session that nobody has paid."""
        if self.status not in PAYABLE | {Status.AUTHORIZED}:
            raise Refused(422, "not_voidable", f"A session that is {self.status} cannot be voided.")
        return self._after(Operation(id=id, kind=Kind.VOID, amount=self.amount, at=at), Status.VOIDED)

    def to_wire(self) -> WireSession:
        """What the shop is shown."""
        operations = tuple(
            WireOperation(id=each.id, kind=each.kind, amount=each.amount, at=each.at, detail=each.detail)
            for each in self.operations
        )
        return WireSession(
            id=self.id,
            key=self.key,
            mode=self.mode,
            status=self.status,
            amount=self.amount,
            currency=self.currency,
            pay_url=self.pay_url,
            created_at=self.created_at,
            operations=operations,
        )

    def _check(self, amount: int, currency: str, *, most: int, code: str) -> None:
        if currency != self.currency:
            raise Refused(422, "currency_mismatch", f"This session is in {self.currency}.")
        if not 0 < amount <= most:
            raise Refused(422, code, f"An amount from 1 to {most} is possible." if most > 0 else "Nothing is left.")

    def _after(self, operation: Operation, status: Status) -> "Session":
        return evolve(self, operations=(*self.operations, operation), status=status)

    def _sum(self, kind: Kind) -> int:
        return sum(each.amount for each in self.operations if each.kind is kind)
