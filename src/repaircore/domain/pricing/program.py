"""What is left of a rulebook for one kind of quote: each line's price and taxes, the order's fees, discounts and deposit."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from attrs import field, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.answers import Answer, Asked
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.exact import Choice, Step, chosen, money, round_half_up
from repaircore.domain.pricing.quote import Line, LineKind
from repaircore.domain.pricing.rules import Rule
from repaircore.domain.pricing.stacking import Modes, Taken, exclusive, grouped
from repaircore.domain.pricing.taxing import Taxes, reduction

REPAIR, LABOUR, PARTS = "repair", "labour", "parts"
_SHARES = (REPAIR, LABOUR, PARTS)
_ANSWERS = 16  # kept for each plan


@frozen(eq=False)
class Components:
    """What one of a line is made of, before the later stages: weights of work priced as a whole, labour and parts, and what
    the parts and the work cost the shop."""

    weights: tuple[int, int, int]
    cost: int | None
    labour_cost: int | None = None

    def shares(self, amount: Money) -> dict[str, Money]:
        """Part an amount by what it is for; the parts add up."""
        weights = self.weights if any(self.weights) else (1, 0, 0)
        return dict(zip(_SHARES, amount.allocate(weights), strict=True))


@frozen(eq=False)
class LineProgram:
    """How one service for one device is priced and taxed in one context. `unit` is the price of one; no discount takes it
    below `floor`. `by_kind` are the taxes of labour and parts, where a tax tells them apart."""

    unit: int
    floor: int
    taxes: Taxes
    components: Components | None = None
    by_kind: tuple[tuple[str, Taxes], ...] = ()

    def taxed(self, net: int, currency: str) -> list[tuple[Taxes, int]]:
        """Part the line's net amount by how it is taxed."""
        if not self.by_kind or self.components is None or not net:
            return [(self.taxes, net)]
        shares = self.components.shares(money(net, currency))
        return [(taxes, shares[kind].amount) for kind, taxes in self.by_kind if shares[kind]]


@frozen(eq=False)
class OrderDiscounts:
    """The discounts on the order that hold in one context: the winner's step and those that stack, then the groups."""

    steps: tuple[Step, ...]
    in_groups: tuple[Rule, ...]
    modes: Modes

    def taken(self, amount: int) -> list[Taken]:
        """Answer the discounts on the sum of the items, one after another, exactly."""
        start = Fraction(amount)
        alone = exclusive(self.in_groups, self.modes, start, at_amount)
        if alone:
            return [alone]
        taken = []
        for step in self.steps:
            option = chosen(step, start.numerator, start.denominator)
            if option and option.rule:
                taken.append(Taken(option.rule, start, effect(option.rule, start)))
                start = taken[-1].after
        others = [rule for rule in self.in_groups if self.modes[rule.group] != "exclusive"]
        return taken + grouped(others, self.modes, start, at_amount)


def at_amount(rule: Rule, amount: Fraction) -> Fraction | None:
    """Answer what the rule makes of the amount, or None where the amount is outside its window."""
    low, high = rule.scope.amount_from, rule.scope.amount_until
    if (low is not None and amount < low) or (high is not None and amount >= high):
        return None
    return effect(rule, amount)


@frozen(eq=False)
class OrderProgram:
    """What is decided once per quote: fees and discounts with lines of their own, the fees' taxes, and the deposit with its
    bounds."""

    fees: tuple[Step, ...]
    taxes: Taxes
    deposit: Step
    deposit_minimum: Step
    deposit_maximum: Step
    discounts: OrderDiscounts | None = None
    by_kind: dict[str, Taxes] = field(factory=dict)

    def fee_lines(self, subtotal: int, currency: str) -> list[tuple[Taxes, Line]]:
        """Answer a line, and how it is taxed, for each fee that the items' sum calls for."""
        fees = [fee for step in self.fees if (fee := chosen(step, subtotal)) is not None]
        return [(self._taxes_of(fee), fee_line(fee, currency)) for fee in fees]

    def _taxes_of(self, fee: Choice) -> Taxes:
        kind = fee.rule.kind if fee.rule else ""
        return self.by_kind.get(kind or "fee", self.taxes)

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
        kind=LineKind.DELIVERY if rule.kind == "delivery" else LineKind.FEE,
        quantity=1,
        unit=amount,
        amount=amount,
    )


def discount_lines(taken: Iterable[Taken], rooms: Sequence[int], subtotal: int, currency: str) -> list[Line]:
    """Answer a line for each discount on the order, in whole minor units, as far as the lines' floors leave room."""
    lowest, before, lines = subtotal - sum(rooms), subtotal, []
    for one in taken:
        after = max(round_half_up(one.after.numerator, one.after.denominator), lowest)
        if after < before:
            rule = one.rule
            described = rule.label or rule.reason or rule.id
            lines.append(reduction(rule.id, described, LineKind.DISCOUNT, before - after, currency))
            before = after
    return lines


def allocated(reduction: int, rooms: Sequence[int], currency: str) -> list[int]:
    """Part a reduction over the lines by what each can bear, so that none is taken below its floor."""
    if not reduction:
        return [0] * len(rooms)
    return [part.amount for part in money(reduction, currency).allocate(rooms)]


@frozen(eq=False)
class Plan:
    """Everything the tight loop needs for one device, these services and this context, and what it gave: with the items' names
    and quantities it decides everything but what staff agree on."""

    lines: tuple[LineProgram, ...]
    order: OrderProgram
    rivals: "Rivals | None" = None
    answers: dict[Asked, Answer] = field(factory=dict, init=False)

    def keep(self, asked: Asked, answer: Answer) -> None:
        """Remember an answer; few are kept, as few quantities are asked for."""
        if len(self.answers) >= _ANSWERS:
            self.answers.clear()
        self.answers[asked] = answer


@frozen(eq=False)
class Rivals:
    """The same job without any discount, and with each of the exclusive ones that shut out all others: the one that comes to the
    lowest total takes the plan's place, if that is less than without."""

    bare: Plan
    alone: tuple[Plan, ...]
