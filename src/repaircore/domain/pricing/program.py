"""What is left of a rulebook for one kind of quote: the steps of each line, the order's fees, the taxes, the deposit."""

from fractions import Fraction

from attrs import field, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import Choice, Step, chosen, money, round_half_up
from repaircore.domain.pricing.quote import Line, LineKind, TaxTotal


@frozen(eq=False)
class Tax:
    """One tax as it is charged: a share of each line's amount, inside it or on top of it."""

    name: str
    rate: Fraction
    inclusive: bool
    num: int = field(init=False)
    den: int = field(init=False)
    key: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        share = self.rate / (100 + self.rate) if self.inclusive else self.rate / 100
        object.__setattr__(self, "num", share.numerator)
        object.__setattr__(self, "den", share.denominator)
        object.__setattr__(self, "key", f"{self.rate} {self.inclusive} {self.name}")

    def total(self, amount: Money) -> TaxTotal:
        """Answer the tax's line for the quote."""
        return TaxTotal(name=self.name, rate=self.rate, inclusive=self.inclusive, amount=amount)


TaxChoice = tuple[Choice, Tax]
TaxStep = tuple[TaxChoice, ...]


@frozen(eq=False)
class Taxes:
    """The taxes of a line in one context. `always` is set where they do not depend on the line's amount."""

    steps: tuple[TaxStep, ...]
    always: tuple[Tax, ...] | None = field(init=False)

    @always.default
    def _independent(self) -> tuple[Tax, ...] | None:
        windows = [one for step in self.steps for (low, high, *_), _ in step for one in (low, high)]
        return None if any(one is not None for one in windows) else tuple(step[0][1] for step in self.steps)

    def of(self, amount: int) -> list[tuple[Tax, int]]:
        """Tax one line: each tax is rounded half up to a minor unit. Several inclusive taxes share one net amount."""
        taxes = self._due(amount) if self.always is None else self.always
        if len(taxes) > 1:
            return _shared(taxes, amount)
        return [(tax, (2 * amount * tax.num + tax.den) // (2 * tax.den)) for tax in taxes]

    def _due(self, amount: int) -> tuple[Tax, ...]:
        return tuple(tax for step in self.steps if (tax := _tax(step, amount)) is not None)


def _tax(step: TaxStep, amount: int) -> Tax | None:
    for (low, high, *_), tax in step:
        if (low is None or amount >= low) and (high is None or amount < high):
            return tax
    return None


def _shared(taxes: tuple[Tax, ...], amount: int) -> list[tuple[Tax, int]]:
    within = 100 + sum((tax.rate for tax in taxes if tax.inclusive), start=Fraction(0))
    parts = [(tax, amount * tax.rate / (within if tax.inclusive else 100)) for tax in taxes]
    return [(tax, round_half_up(part.numerator, part.denominator)) for tax, part in parts]


@frozen(eq=False)
class LineProgram:
    """How one service for one device is priced and taxed in one context."""

    steps: tuple[Step, ...]
    taxes: Taxes


@frozen(eq=False)
class OrderProgram:
    """What is decided once per quote: fees with lines of their own, their taxes, and the deposit with its bounds."""

    fees: tuple[Step, ...]
    taxes: Taxes
    deposit: Step
    deposit_minimum: Step
    deposit_maximum: Step

    def fee_lines(self, subtotal: int, currency: str) -> list[Line]:
        """Answer a line for each fee that the items' sum calls for."""
        return [fee_line(fee, currency) for step in self.fees if (fee := chosen(step, subtotal)) is not None]

    def deposit_of(self, total: int) -> tuple[int, bool]:
        """Answer the deposit, never more than the total, and whether it is refundable."""
        winner = chosen(self.deposit, total)
        if winner is None or winner.rule is None:
            return 0, True
        share, refundable = winner.rule.value, winner.rule.refundable
        due = round_half_up(total * share.numerator, 100 * share.denominator) if winner.op else winner.num
        if self.deposit_minimum and (lowest := chosen(self.deposit_minimum, total)):
            due = max(due, lowest.num)
        if self.deposit_maximum and (highest := chosen(self.deposit_maximum, total)):
            due = min(due, highest.num)
        return min(due, total), refundable


def fee_line(fee: Choice, currency: str) -> Line:
    """Answer the line of an order's fee, exact to the minor unit."""
    rule = fee.rule
    assert rule is not None
    amount = money(fee.num, currency)
    return Line(
        code=rule.id,
        description=rule.label or rule.reason or rule.id,
        kind=LineKind.FEE,
        quantity=1,
        unit=amount,
        amount=amount,
    )


@frozen(eq=False)
class Plan:
    """Everything the tight loop needs for one device, these services and this context."""

    lines: tuple[LineProgram, ...]
    order: OrderProgram
