"""What a change of the rulebook does to prices, in a shop's words: which service, which devices, when, from what to what."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod

from attrs import define, evolve, field, frozen

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import NotOffered
from repaircore.domain.money import Money, digits
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.review.boxes import Universe, Value
from repaircore.domain.pricing.review.changes import Changes, changed_rules, changes
from repaircore.domain.pricing.review.pairs import Pair, Pairs
from repaircore.domain.pricing.review.situations import USUAL, Situation, said, situated
from repaircore.domain.pricing.rules import Rulebook

ENOUGH = 100_000
"""Situations priced at most, after what no rule tells apart is taken as one; how many are left is said."""

_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "INR": "₹", "JPY": "¥"}
_NAMED = 3
_PRICELESS = frozenset(
    {
        "validity",
        "vocabulary",
        "effective_from",
        "effective_until",
        "self_declared",
        "promotions",
        "warranty",
        "overrides",
        "margins",
    }
)


@frozen(kw_only=True)
class PriceChange:
    """One price that changes, of a service for these devices. None is not offered. `when` is empty in the usual situation."""

    service: str
    devices: tuple[str, ...]
    when: str
    before: Money | None
    after: Money | None
    deposit: bool = False

    def __str__(self) -> str:
        """`Screen repair for iPhone 15: £165 → £170 when urgent`."""
        what = f"{'Deposit: ' if self.deposit else ''}{self.service} for {_listed(self.devices)}"
        return f"{what}: {shown(self.before)} → {shown(self.after)}{f' {self.when}' if self.when else ''}"


@frozen(kw_only=True)
class Difference:
    """Two rulebooks compared: what was written, and what it does. `left` situations were not priced, because there are too many."""

    changes: Changes
    prices: tuple[PriceChange, ...]
    left: int = 0

    @property
    def complete(self) -> bool:
        """Whether every situation was priced."""
        return not self.left


def difference(old: Rulebook, new: Rulebook, catalogue: Catalogue, *, enough: int = ENOUGH) -> Difference:
    """Compare two rulebooks over everything the catalogue offers, in every situation that a changed rule tells apart, but no more
    than `enough` of them."""
    found = changes(old, new)
    if not found or old.currency != new.currency:
        return Difference(changes=found, prices=())
    everything = any(f.field not in _PRICELESS for f in found.settings)
    comparison = _Comparison.of(old, new, catalogue, everything=everything, enough=enough)
    rows: dict[_Row, list[str]] = {}
    for pair, changed in comparison:
        for row in comparison.rows(pair, changed):
            rows.setdefault(row, []).append(pair.device.name)
    prices = tuple(
        PriceChange(service=service, devices=tuple(devices), when=when, before=before, after=after, deposit=deposit)
        for (service, when, before, after, deposit), devices in rows.items()
    )
    return Difference(changes=found, prices=prices, left=comparison.left)


_Row = tuple[str, str, Money | None, Money | None, bool]


@define(eq=False)
class _Comparison:
    """Every affected pair in every situation worth telling."""

    old: CompiledRulebook
    new: CompiledRulebook
    universe: Universe
    affected: Pairs
    pairs: Pairs
    everything: bool
    enough: int
    priced: int = 0
    left: int = 0
    _known: dict[Hashable, Sequence[_Row]] = field(factory=dict)

    @classmethod
    def of(cls, old: Rulebook, new: Rulebook, catalogue: Catalogue, *, everything: bool, enough: int) -> "_Comparison":
        both = evolve(new, rules=(*old.rules, *new.rules), vocabulary=_united(old.vocabulary, new.vocabulary))
        touched = evolve(both, rules=changed_rules(old, new))
        return cls(
            compile_rulebook(old),
            compile_rulebook(new),
            Universe.of(both),
            Pairs.of(touched, catalogue),
            Pairs.of(both, catalogue),
            everything,
            enough,
        )

    def __iter__(self) -> Iterator[tuple[Pair, Pair]]:
        for changed, pair in zip(self.affected, self.pairs, strict=True):
            if changed.contests or self.everything:
                yield pair, changed

    def rows(self, pair: Pair, changed: Pair) -> Sequence[_Row]:
        """Answer what changes for the pair; pairs that no rule tells apart are priced once."""
        if pair.alike not in self._known:
            self._known[pair.alike] = tuple(self._rows(pair, changed))
        return self._known[pair.alike]

    def _rows(self, pair: Pair, changed: Pair) -> Iterator[_Row]:
        classes = self._classes(changed, pair)
        of = prod(map(len, classes.values()))
        taken = min(of, self.enough - self.priced)
        self.priced, self.left = self.priced + taken, self.left + of - taken
        for values in islice(product(*classes.values()), taken):
            at = dict(zip(classes, values, strict=True))
            when = said({name: values for name, values in at.items() if values[0] != USUAL[name]})
            is_deposit, before, after = self._prices(pair, {name: values[0] for name, values in at.items()})
            if before != after:
                yield pair.service.name, when, before, after, is_deposit

    def _classes(self, changed: Pair, pair: Pair) -> Mapping[str, Sequence[Sequence[Value]]]:
        boxes = [self.universe.box(one.scope) for contest in changed.contests.values() for one in contest]
        every = [self.universe.box(one.scope) for contest in pair.contests.values() for one in contest]
        names = [name for name in USUAL if any(name in box for box in boxes)]
        return {name: self.universe.classes(name, every, usual=USUAL[name]) for name in names}

    def _prices(self, pair: Pair, at: Situation) -> tuple[bool, Money | None, Money | None]:
        """Answer total and deposit before and after; the deposit only where the total stays."""
        facts = situated(pair.device, pair.service.id, pair.service.name, at)
        totals: list[Money | None] = []
        deposits: list[Money | None] = []
        for compiled in (self.old, self.new):
            try:
                priced = price(compiled, facts)
            except NotOffered:
                totals.append(None)
                deposits.append(None)
            else:
                totals.append(priced.total)
                deposits.append(priced.deposit)
        is_deposit = totals[0] == totals[1]
        before, after = deposits if is_deposit else totals
        return is_deposit, before, after


def _united(old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return {name: old.get(name, frozenset()) | new.get(name, frozenset()) for name in {**old, **new}}


def shown(money: Money | None) -> str:
    """Write a price the way a shop does: `£165`, `£247.50`, `CHF 20.00`; None is `not offered`."""
    if money is None:
        return "not offered"
    sign = _SIGNS.get(money.currency)
    if sign is None:
        return str(money)
    whole, part = divmod(abs(money.amount), 10 ** digits(money.currency))
    cents = f".{part:0{digits(money.currency)}d}" if part else ""
    return f"{'-' if money.amount < 0 else ''}{sign}{whole:,}{cents}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
