"""Taxes explained: each rule held against each part of each line, and what the taxes add to the total."""

from collections.abc import Sequence
from fractions import Fraction

from attrs import evolve, frozen

from repaircore.domain.pricing.considering import Considered, contest
from repaircore.domain.pricing.matching import Situation
from repaircore.domain.pricing.program import LABOUR, PARTS, REPAIR
from repaircore.domain.pricing.rules import Rule, Rulebook, Stage, TaxRounding
from repaircore.domain.pricing.wording import rounded

_ZERO = Fraction(0)
_KINDS = (REPAIR, LABOUR, PARTS)


@frozen(kw_only=True)
class ToldLine:
    """A line, or a fee: its code, what it is held against, how far a discount on the order can lower it, what it is made of."""

    code: str
    at: Situation
    room: int = 0
    weights: tuple[Fraction, ...] = ()


class ToldTaxes:
    """The taxes of all lines: their rows, and what they add to the total (a relief from contained taxes lowers it)."""

    def __init__(self, rulebook: Rulebook, lines: Sequence[ToldLine]) -> None:
        self.rules = [rule for rule in rulebook.rules if rule.stage is Stage.TAX]
        self.document = rulebook.tax_rounding is TaxRounding.DOCUMENT
        self.document_reliefs = rulebook.relief_rounding is TaxRounding.DOCUMENT
        self.at_kinds = any(rule.scope.line_kinds for rule in rulebook.rules)
        self.reliefs: dict[str, Fraction] = {}
        self.sums: dict[tuple[Fraction, str], Fraction] = {}
        self.rows = [told for line in lines for part in self._parts(line) for told in self._rows(line.code, part)]

    @property
    def on_top(self) -> Fraction:
        """The exclusive taxes, less the relief."""
        return sum((_whole(amount) for amount in self.sums.values()), start=_ZERO) - self._relieved()

    def _relieved(self) -> Fraction:
        return sum(map(_whole, self.reliefs.values()), start=_ZERO)

    def _parts(self, line: ToldLine) -> list[Situation]:
        if not (self.at_kinds and line.weights and line.at.amount):
            return [line.at]
        scale = 1
        for weight in line.weights:
            scale *= weight.denominator
        amount = rounded(line.at.amount, line.at.currency)
        shares = amount.allocate([int(weight * scale) for weight in line.weights])
        return [
            evolve(line.at, amount=Fraction(share.amount), kind=kind)
            for kind, share in zip(_KINDS, shares, strict=True)
            if share
        ]

    def _rows(self, code: str, at: Situation) -> tuple[Considered, ...]:
        fired = contest(self.rules, at, code, lambda *_: _ZERO, running=False).fired
        net = at.amount
        if relieving := next((rule.id for rule in fired if rule.relieves), ""):
            ordinary = [rule for rule in self.rules if not rule.scope.tax_statuses]
            usual = contest(ordinary, at, code, lambda *_: _ZERO, running=False).fired
            contained = (_tax(rule, usual, net) for rule in usual if rule.inclusive)
            relief = sum((tax if self.document_reliefs else _whole(tax) for tax in contained), start=_ZERO)
            self.reliefs[relieving] = self.reliefs.get(relieving, _ZERO) + relief
            net -= relief
        for rule in fired:
            if not rule.inclusive:
                key = (rule.value, rule.label or rule.id)
                self.sums[key] = self.sums.get(key, _ZERO) + self._charged(rule, fired, net)
        return contest(self.rules, at, code, lambda rule, _: self._charged(rule, fired, net), running=False).rows

    def _charged(self, rule: Rule, fired: Sequence[Rule], net: Fraction) -> Fraction:
        tax = _tax(rule, fired, net)
        return tax if self.document else _whole(tax)


def _tax(rule: Rule, fired: Sequence[Rule], amount: Fraction) -> Fraction:
    within = 100 + sum((one.value for one in fired if one.inclusive), start=_ZERO)
    return amount * rule.value / (within if rule.inclusive else 100)


def _whole(amount: Fraction) -> Fraction:
    return Fraction((amount + Fraction(1, 2)).__floor__())
