"""Taxes as they are charged: a share of each amount, inside it or on top of it, rounded per line or once per document."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from attrs import define, field, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import Choice, chosen, money, round_half_up
from repaircore.domain.pricing.quote import Line, LineKind, TaxTotal
from repaircore.domain.pricing.rules import Rule


@frozen(eq=False)
class Tax:
    """One tax as it is charged. `relieves` takes the tax that would be contained out of the price."""

    name: str
    rate: Fraction
    inclusive: bool
    reason: str = ""
    relieves: bool = False
    code: str = ""
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
        return TaxTotal(name=self.name, rate=self.rate, inclusive=self.inclusive, amount=amount, reason=self.reason)


def tax_of(rule: Rule) -> Tax:
    """Answer the tax that a rule charges; one that depends on the customer's status gives its reason."""
    return Tax(
        rule.label or rule.id,
        rule.value,
        rule.inclusive,
        rule.reason if rule.scope.tax_statuses else "",
        rule.relieves,
        rule.id,
    )


TaxChoice = tuple[Choice, Tax]
TaxStep = tuple[TaxChoice, ...]


@frozen(eq=False)
class Taxes:
    """The taxes of an amount in one context. `always` is set where they do not depend on the amount; `ordinary` are those of
    a customer without a tax status, where that makes a difference to the price."""

    steps: tuple[TaxStep, ...]
    ordinary: "Taxes | None" = None
    always: tuple[Tax, ...] | None = field(init=False)

    @always.default
    def _independent(self) -> tuple[Tax, ...] | None:
        windows = [one for step in self.steps for (low, high, *_), _ in step for one in (low, high)]
        return None if any(one is not None for one in windows) else tuple(step[0][1] for step in self.steps)

    def due(self, amount: int) -> tuple[Tax, ...]:
        """Answer the taxes on an amount."""
        if self.always is not None:
            return self.always
        return tuple(tax for step in self.steps if (tax := _tax(step, amount)) is not None)

    def of(self, amount: int) -> list[tuple[Tax, int]]:
        """Tax one amount: each tax is rounded half up to a minor unit."""
        return charged(self.due(amount), amount)

    def relief(self, taxes: Iterable[Tax], amount: int, *, exact: bool = False) -> int | Fraction:
        """Answer the tax inside the amount that these taxes let off, rounded unless it is to be `exact`."""
        if self.ordinary is None or not any(tax.relieves for tax in taxes):
            return 0
        parts = exactly(self.ordinary.due(amount), amount) if exact else self.ordinary.of(amount)
        return sum([part for tax, part in parts if tax.inclusive])


def charged(taxes: Sequence[Tax], amount: int | Fraction) -> list[tuple[Tax, int]]:
    """Charge taxes on one amount, each rounded half up. Several inclusive taxes share one net amount."""
    if len(taxes) > 1:
        return [(tax, round_half_up(part.numerator, part.denominator)) for tax, part in exactly(taxes, amount)]
    return [(tax, int((2 * amount * tax.num + tax.den) // (2 * tax.den))) for tax in taxes]


def exactly(taxes: Sequence[Tax], amount: int | Fraction) -> list[tuple[Tax, Fraction]]:
    """Charge taxes on one amount, without rounding."""
    within = 100 + sum((tax.rate for tax in taxes if tax.inclusive), start=Fraction(0))
    return [(tax, amount * tax.rate / (within if tax.inclusive else 100)) for tax in taxes]


def _tax(step: TaxStep, amount: int) -> Tax | None:
    for option, tax in step:
        if chosen((option,), amount):
            return tax
    return None


@define
class TaxBill:
    """Gathers the taxes of a quote's lines: rounded line by line, or with `document` only at the end. So are the reliefs, with
    `document_reliefs`: then what is left to be taxed is exact."""

    document: bool
    document_reliefs: bool = False
    sums: dict[str, tuple[Tax, Fraction | int]] = field(factory=dict)
    reliefs: dict[str, tuple[Tax, Fraction | int]] = field(factory=dict)

    def add(self, taxes: Taxes, amount: int) -> None:
        """Tax one amount."""
        if taxes.ordinary is None and not self.document:
            self._put(taxes.of(amount))
            return
        due = taxes.due(amount)
        relief = taxes.relief(due, amount, exact=self.document_reliefs)
        for tax in due:
            if relief and tax.relieves:
                self.reliefs[tax.code] = (tax, relief + self.reliefs.get(tax.code, (tax, 0))[1])
        self._put((exactly if self.document else charged)(due, amount - relief))

    def _put(self, parts: Iterable[tuple[Tax, Fraction | int]]) -> None:
        sums = self.sums
        for tax, amount in parts:
            key = tax.key
            sums[key] = (tax, amount + sums[key][1] if key in sums else amount)

    def totals(self) -> list[tuple[Tax, int]]:
        """Answer each tax with its whole amount."""
        return [(tax, _whole(amount)) for tax, amount in self.sums.values()]

    def relief_lines(self, currency: str) -> list[Line]:
        """Answer a line for each relief from a contained tax."""
        return [
            reduction(tax.code, tax.name, LineKind.RELIEF, whole, currency)
            for tax, relief in self.reliefs.values()
            if (whole := _whole(relief))
        ]


def _whole(amount: Fraction | int) -> int:
    return amount if isinstance(amount, int) else round_half_up(amount.numerator, amount.denominator)


def reduction(code: str, description: str, kind: LineKind, amount: int, currency: str) -> Line:
    """Answer the line that takes an amount off."""
    off = money(-amount, currency)
    return Line(code=code, description=description, kind=kind, quantity=1, unit=off, amount=off)
