"""Faults of a single rule: figures and windows that cannot be, actions out of place, names that nobody knows."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from attrs import field, frozen

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import nearest
from repaircore.domain.pricing.compiling import per_order_is_legal
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.problems import Problem, error, warning
from repaircore.domain.pricing.rules import (
    LEGAL_ACTIONS,
    LINE_KINDS,
    USUAL_WORDS,
    Action,
    Per,
    Rule,
    Rulebook,
    Scope,
    Stage,
)
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS, fits_year

_NEVER_STACKS = frozenset({Stage.BASE, Stage.ROUNDING, Stage.DEPOSIT})
_FIRST = (Stage.BASE, Stage.LABOUR, Stage.PARTS)
_CHANGES = frozenset({Action.MULTIPLY, Action.ADD, Action.PERCENT, Action.MATCH})
_MONEY = frozenset({Action.SET, Action.MINIMUM, Action.MAXIMUM, Action.ADD, Action.ROUND_TO})
_HINTS = 200  # looking for the nearest name is slow: enough for a person to see what went wrong


def action_faults(rule: Rule) -> Iterator[Problem]:
    """Find an action that its stage does not have, or a way of charging it that does not exist."""
    if rule.action not in LEGAL_ACTIONS[rule.stage]:
        legal = " or ".join(sorted(LEGAL_ACTIONS[rule.stage]))
        yield error("illegal_action", f"{rule.action} is not an action of the {rule.stage} stage; use {legal}", rule)
    if rule.stacks and rule.stage in _NEVER_STACKS:
        yield error("illegal_stacking", f"a rule of the {rule.stage} stage cannot stack: one applies", rule)
    if rule.per is Per.ORDER and not per_order_is_legal(rule):
        yield error("illegal_per", "only a fee that adds an amount, or a discount, can be per order", rule)
    if rule.stage in _FIRST and (rule.scope.amount_from, rule.scope.amount_until) != (None, None):
        yield error("illegal_amount", f"a {rule.stage} price cannot depend on an amount: there is none yet", rule)
    yield from _misplaced(rule)


def _misplaced(rule: Rule) -> Iterator[Problem]:
    if rule.group and (rule.stage is not Stage.DISCOUNTS or rule.stacks):
        yield error("illegal_group", "a group is for discounts, and says itself how they stack", rule)
    if rule.scope.line_kinds and rule.stage is not Stage.TAX:
        yield error("illegal_line_kind", "only a tax can be for one kind of line", rule)
    if (rule.limit is not None or rule.least is not None) and rule.action not in _CHANGES:
        yield error("illegal_limit", f"{rule.action} is not a change that could be limited", rule)
    if rule.least is not None and rule.stage is Stage.DISCOUNTS:
        yield error("illegal_limit", "a discount has a limit, and no least change", rule)
    if rule.kind and (rule.kind not in LINE_KINDS or rule.per is not Per.ORDER or rule.stage is not Stage.FEES):
        yield error("illegal_kind", f"a kind is for fees per order, and one of {', '.join(LINE_KINDS)}", rule)


def group_faults(rule: Rule, groups: Collection[str]) -> Iterator[Problem]:
    """Find a group that the rulebook does not declare."""
    if rule.group and rule.group not in groups:
        closest = nearest(rule.group, tuple(groups))
        hint = f"; did you mean {closest!r}?" if closest else ""
        yield error("unknown_group", f"there is no group {rule.group!r}{hint}", rule)


def value_faults(rule: Rule) -> Iterator[Problem]:
    """Find a figure that makes no sense: a negative price, a discount that raises it, parts of a minor unit."""
    value, shown = rule.value, exact_text(rule.value)
    lowest = {Action.PERCENT: -100, Action.MATCH: -100, Action.ADD: None}.get(rule.action, 0)
    if rule.stage in (Stage.FEES, Stage.TAX, Stage.DEPOSIT):
        lowest = 0
    if lowest is not None and value < lowest:
        yield error("negative", f"{rule.action} {shown} would be a negative amount", rule)
    if (
        rule.stage is Stage.DISCOUNTS
        and rule.action is not Action.MATCH
        and value > (1 if rule.action is Action.MULTIPLY else 0)
    ):
        yield error("raising_discount", f"a discount must not raise the price: {rule.action} {shown}", rule)
    if rule.stage is Stage.DEPOSIT and rule.action is Action.PERCENT and value > 100:
        yield error("deposit_above_total", f"a deposit of {shown} % is more than the total", rule)
    if rule.action in _MONEY and value.denominator != 1:
        yield error("part_of_a_minor_unit", f"{shown} minor units is not an amount of money", rule)
    if any(bound is not None and bound < 0 for bound in (rule.limit, rule.least)):
        yield error("negative", "a limit is 0 or more, for changes up and down alike", rule)
    if None not in (rule.limit, rule.least) and (rule.least or 0) > (rule.limit or 0):
        yield error("crossed_limits", "the least change is above the largest", rule)
    if rule.action is Action.ROUND_TO and value == 0:
        yield error("round_to_nothing", "cannot round to zero; round to one minor unit or more", rule)


def window_faults(rule: Rule) -> Iterator[Problem]:
    """Find windows that are reversed, empty or outside the calendar and the clock."""
    scope, fault = rule.scope, partial(error, "window")
    if scope.year_from is not None and scope.year_until is not None and scope.year_from > scope.year_until:
        yield fault(f"the years are reversed: from {scope.year_from} until {scope.year_until}", rule)
    if scope.amount_from is not None and scope.amount_until is not None and scope.amount_from >= scope.amount_until:
        yield fault("the amounts are reversed or the same: nothing is in between", rule)
    if not all(0 <= hour <= 24 for hour in (scope.hour_from or 0, scope.hour_until or 0)) or scope.hour_from == 24:
        yield fault("hours are 0 to 23 (until: 1 to 24)", rule)
    if scope.hour_from is not None and scope.hour_from == scope.hour_until:
        yield fault("the hours are the same: leave both out for the whole day", rule)
    if not all(0 <= day <= 6 for day in scope.weekdays):
        yield fault("weekdays are 0 (Monday) to 6 (Sunday)", rule)
    if not all(1 <= month <= 12 for month in scope.months):
        yield fault("months are 1 (January) to 12 (December)", rule)
    yield from _reversed(rule, fault)
    for prefix in sorted(scope.postcode_prefixes):
        if not prefix or prefix != "".join(prefix.split()).upper():
            yield fault(f"write the postcode prefix {prefix!r} in capitals, without spaces", rule)


def _reversed(rule: Rule, fault: Callable[[str, Rule], Problem]) -> Iterator[Problem]:
    scope = rule.scope
    for first, last, words in (
        (scope.quantity_from, scope.quantity_until, "quantities"),
        (scope.date_from, scope.date_until, "dates"),
        (rule.valid_from, rule.valid_until, "dates of validity"),
    ):
        if first is not None and last is not None and first > last:  # type: ignore[operator]
            yield fault(f"the {words} are reversed: {first} to {last}", rule)
    for bound in scope.market:
        if bound.at_least is None and bound.below is None:
            yield fault(f"{bound.figure} has no bounds: give at_least, below, or both", rule)
        if bound.at_least is not None and bound.below is not None and bound.at_least >= bound.below:
            yield fault(f"the bounds of {bound.figure} are reversed or the same: nothing is in between", rule)


@frozen(eq=False)
class Names:
    """What a scope may name: the catalogue's devices and services, the rulebook's words."""

    catalogue: Catalogue
    known: Mapping[str, Collection[str]]
    kinds: frozenset[tuple[str, str, int | None]]
    reached: dict[tuple[str, str, int | None, int | None], bool] = field(factory=dict, init=False)
    hints: dict[tuple[str, str], str] = field(factory=dict, init=False)

    @classmethod
    def of(cls, rulebook: Rulebook, catalogue: Catalogue) -> "Names":
        """Gather the names once for all rules."""
        devices = catalogue.devices.values()
        known: dict[str, Collection[str]] = {
            "device": catalogue.devices,
            "service": catalogue.services,
            "category": set(catalogue.categories) | {device.category for device in devices},
            "brand": {device.brand for device in devices},
            "line kind": LINE_KINDS,
        }
        for name, _, word in (*WORDS, *ITEM_WORDS):
            known[word] = rulebook.vocabulary.get(name) or USUAL_WORDS.get(name) or ()
        return cls(catalogue, known, frozenset((device.brand, device.category, device.year) for device in devices))

    def faults(self, rule: Rule) -> Iterator[Problem]:
        """Find names that nobody knows, or a scope that no device of the catalogue is in."""
        strangers = list(self._strangers(rule.scope))
        for kind, name in strangers:
            yield error(
                f"unknown_{kind.replace(' ', '_')}", f"there is no {kind} {name!r}{self._hint(kind, name)}", rule
            )
        if not strangers and not self._reaches(rule.scope):
            yield warning("unreachable", "no device of the catalogue is in its scope", rule)

    def _strangers(self, scope: Scope) -> Iterator[tuple[str, str]]:
        named = [("device", scope.models), ("service", scope.services)]
        named += [
            (kind, frozenset({name})) for kind, name in (("category", scope.category), ("brand", scope.brand)) if name
        ]
        named += [(word, getattr(scope, name)) for name, _, word in (*WORDS, *ITEM_WORDS) if self.known[word]]
        named += [("line kind", scope.line_kinds)]
        for kind, names in named:
            yield from ((kind, name) for name in sorted(names) if name not in self.known[kind])

    def _hint(self, kind: str, name: str) -> str:
        if (kind, name) not in self.hints and len(self.hints) < _HINTS:
            closest = nearest(name, tuple(self.known[kind]))
            self.hints[kind, name] = f"; did you mean {closest!r}?" if closest else ""
        return self.hints.get((kind, name), "")

    def _reaches(self, scope: Scope) -> bool:
        if scope.models:
            devices = (self.catalogue.devices[model] for model in scope.models)
            return any(_is_in(scope, device.brand, device.category, device.year) for device in devices)
        key = (scope.brand, scope.category, scope.year_from, scope.year_until)
        if key not in self.reached:
            self.reached[key] = any(_is_in(scope, *kind) for kind in self.kinds)
        return self.reached[key]


def _is_in(scope: Scope, brand: str, category: str, year: int | None) -> bool:
    return scope.brand in ("", brand) and scope.category in ("", category) and fits_year(scope, year)
