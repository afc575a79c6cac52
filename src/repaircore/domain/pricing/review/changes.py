"""What differs between two rulebooks, rule by rule and field by field, in the words of the shop's own file."""

from collections.abc import Container, Iterator
from enum import StrEnum
from fractions import Fraction
from typing import Any

from attrs import fields, frozen, has

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope

_AMOUNTS = frozenset({Action.SET, Action.ADD, Action.MINIMUM, Action.MAXIMUM, Action.ROUND_TO})
_MINOR_UNITS = frozenset({"cost", "limit", "least", "amount_from", "amount_until"})
_NOT_CONTENT = frozenset({"place"})
_WORDS = frozenset({"reason", "source", "as_of"})  # say something of a rule, and move no price
_OF_THE_BOOK = frozenset({"version", "rules"})
_SINGULAR = {"models": "device", "urgencies": "urgency", "complexities": "complexity", "warranties": "warranty"}


class Kind(StrEnum):
    """What happened to a rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class FieldChange:
    """One field, as it is written before and after; empty is not given."""

    field: str
    before: str
    after: str


@frozen
class RuleChange:
    """What happened to one rule. `place` is where the newer of the two stands."""

    rule_id: str
    kind: Kind
    fields: tuple[FieldChange, ...] = ()
    place: str = ""


@frozen(kw_only=True)
class Changes:
    """Everything that differs. `settings` are the rulebook's own fields: validity, vocabulary, groups, bounds."""

    settings: tuple[FieldChange, ...]
    rules: tuple[RuleChange, ...]

    def __bool__(self) -> bool:
        return bool(self.settings or self.rules)


def changes(old: Rulebook, new: Rulebook) -> Changes:
    """Compare two rulebooks. The order of rules and the version's name are no difference."""
    return Changes(
        settings=tuple(_differing(old, new, without=_OF_THE_BOOK, show=_setting)),
        rules=tuple(_rule_changes(old, new)),
    )


def changed_rules(old: Rulebook, new: Rulebook) -> tuple[Rule, ...]:
    """Answer every rule that differs, as it was and as it is."""
    before, after = ({rule.id: rule for rule in book.rules} for book in (old, new))
    differing = [id for id in {**before, **after} if not same(before.get(id), after.get(id))]
    return tuple(rules[id] for id in differing for rules in (before, after) if id in rules)


def _rule_changes(old: Rulebook, new: Rulebook) -> Iterator[RuleChange]:
    before, after = ({rule.id: rule for rule in book.rules} for book in (old, new))
    for id, rule in after.items():
        if id not in before:
            yield RuleChange(id, Kind.ADDED, tuple(_fields(None, rule, new.currency)), rule.place)
        elif not same(before[id], rule):
            yield RuleChange(id, Kind.CHANGED, tuple(_fields(before[id], rule, new.currency)), rule.place)
    for id, rule in before.items():
        if id not in after:
            yield RuleChange(id, Kind.REMOVED, tuple(_fields(rule, None, old.currency)), rule.place)


def same(one: Rule | None, other: Rule | None) -> bool:
    """Whether two rules say the same, wherever they stand."""
    return _alike(one, other, _NOT_CONTENT)


def does_the_same(one: Rule | None, other: Rule | None) -> bool:
    """Whether two rules do the same to a price, whatever is said of them."""
    return _alike(one, other, _NOT_CONTENT | _WORDS)


def _alike(one: Rule | None, other: Rule | None, but_for: Container[str]) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or all(
        getattr(one, each.name) == getattr(other, each.name) for each in fields(Rule) if each.name not in but_for
    )


def _fields(old: Rule | None, new: Rule | None, currency: str) -> Iterator[FieldChange]:
    before, after = ({} if rule is None else _written(rule, currency) for rule in (old, new))
    for name in {**before, **after}:
        if before.get(name, "") != after.get(name, ""):
            yield FieldChange(name, before.get(name, ""), after.get(name, ""))


def _written(rule: Rule, currency: str) -> dict[str, str]:
    """Write a rule's given fields as they stand in a file: `multiply`, `when.urgency`, `reason`."""
    value = _money(rule.value, currency) if rule.action in _AMOUNTS else exact_text(rule.value)
    written = {"stage": rule.stage.value, rule.action.value: value}
    for each in fields(Rule):
        if each.name not in {*_NOT_CONTENT, "id", "stage", "action", "value", "scope"}:
            given = getattr(rule, each.name)
            if given != each.default:
                written[each.name] = _text(each.name, given, currency)
    for each in fields(Scope):
        given = getattr(rule.scope, each.name)
        if given != each.default:
            written[f"when.{_singular(each.name)}"] = _text(each.name, given, currency)
    return written


def _singular(name: str) -> str:
    return _SINGULAR.get(name) or (name.removesuffix("es") if name == "prefixes" else name.removesuffix("s"))


def _text(name: str, value: Any, currency: str) -> str:
    if name in _MINOR_UNITS:
        return str(Money(value, currency))
    if isinstance(value, frozenset):
        return ", ".join(str(each) for each in sorted(value))
    return str(value)


def _money(value: Fraction, currency: str) -> str:
    return str(Money(value.numerator, currency)) if value.denominator == 1 else exact_text(value)


def _differing(old: Rulebook, new: Rulebook, *, without: frozenset[str], show: Any) -> Iterator[FieldChange]:
    for each in fields(Rulebook):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if each.name not in without and before != after:
            yield FieldChange(each.name, show(before), show(after))


def _setting(value: Any) -> str:
    match value:
        case None:
            return ""
        case Fraction():
            return exact_text(value)
        case frozenset():
            return ", ".join(sorted(value))
        case tuple():
            return "; ".join(map(_setting, value))
        case dict():
            return "; ".join(f"{name or 'default'}: {_setting(each)}" for name, each in sorted(value.items()))
        case _ if has(type(value)):
            given = [(each, getattr(value, each.name)) for each in fields(type(value))]
            told = [(each, part) for each, part in given if part != each.default] or given
            return ", ".join(f"{each.name} {_setting(part)}" for each, part in told)
        case _:
            return str(value)
