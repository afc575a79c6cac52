"""What scopes look at, as boxes: a box names the values that each dimension may have, and leaves out those that may be any.

Every dimension is cut into finitely many values that no rule tells apart, so "is there a quote that is in this scope and in
none of those" has an exact answer, with an example.
"""

from collections.abc import Iterable, Mapping, Sequence

from attrs import fields, frozen

from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS, has_hours, hours

Value = str | int
Box = Mapping[str, frozenset[Value]]

EVERYTHING: Box = {}
UNKNOWN = "\x00"  # a channel that no rule names: callers may use any
_WORDS = (*WORDS, *ITEM_WORDS)
_ALWAYS_SAID = frozenset({"urgencies", "fulfilments"})
_DEVICE = frozenset({"models", "brand", "category", "year_from", "year_until", "services"})
_WINDOWS = frozenset({"hour_from", "hour_until", "amount_from", "amount_until"})
_SETS = frozenset({"weekdays", "months", "postcode_prefixes", *(name for name, _, _ in _WORDS)})
_NOTHING = Scope()
_FURTHER = tuple(one.name for one in fields(Scope) if one.name not in _DEVICE | _WINDOWS | _SETS)


def is_plain(rule: Rule) -> bool:
    """Whether a box tells everything the rule asks for beyond the device and the service: no dates, codes, expressions."""
    return (
        all(getattr(rule.scope, name) == getattr(_NOTHING, name) for name in _FURTHER)
        and (rule.valid_from, rule.valid_until) == (None, None)
        and rule.action is not Action.MATCH
    )


@frozen(eq=False)
class Universe:
    """Every value of every dimension that a rulebook's rules tell apart."""

    values: Mapping[str, frozenset[Value]]
    bounds: Sequence[int]

    @classmethod
    def of(cls, rulebook: Rulebook) -> "Universe":
        """Gather what the rules tell apart."""
        scopes = [rule.scope for rule in rulebook.rules]
        values: dict[str, frozenset[Value]] = {
            name: frozenset((*rulebook.words(name), *_union(scopes, name), *_unsaid(name))) for name, _, _ in _WORDS
        }
        values["weekdays"], values["months"] = frozenset(range(7)), frozenset(range(1, 13))
        values["hours"] = frozenset(range(24))
        values["postcode_prefixes"] = frozenset(("", *_union(scopes, "postcode_prefixes")))
        bounds = {bound for scope in scopes for bound in (scope.amount_from, scope.amount_until) if bound is not None}
        values["amounts"] = frozenset(range(len(bounds) + 1))
        return cls(values, sorted(bounds))

    def box(self, scope: Scope) -> Box:
        """Answer the scope without its device and services."""
        box: dict[str, frozenset[Value]] = {
            name: frozenset(given) for name in _SETS if name != "postcode_prefixes" and (given := getattr(scope, name))
        }
        if scope.postcode_prefixes:
            starts = tuple(scope.postcode_prefixes)
            known = self.values["postcode_prefixes"]
            box["postcode_prefixes"] = frozenset(one for one in known if str(one).startswith(starts))
        if has_hours(scope):
            box["hours"] = frozenset(hours(scope))
        if (scope.amount_from, scope.amount_until) != (None, None):
            low = 0 if scope.amount_from is None else self.bounds.index(scope.amount_from) + 1
            high = len(self.bounds) if scope.amount_until is None else self.bounds.index(scope.amount_until)
            box["amounts"] = frozenset(range(low, high + 1))
        return box

    def uncovered(self, box: Box, covers: Sequence[Box]) -> Box | None:
        """Answer a part of the box that no cover touches, or None where together they cover it."""
        for index, cover in enumerate(covers):
            if not meet(box, cover):
                continue
            for name, allowed in cover.items():
                have = box.get(name, self.values[name])
                if outside := have - allowed:
                    found = self.uncovered({**box, name: outside}, covers[index + 1 :])
                    if found is not None:
                        return found
                    box = {**box, name: have & allowed}
            return None
        return box

    def classes(self, name: str, boxes: Iterable[Box], *, usual: Value = "") -> Sequence[Sequence[Value]]:
        """Part the dimension's values by how the boxes tell them apart; the usual value is the first of its class."""
        told = {box[name] for box in boxes if name in box}
        kinds: dict[tuple[bool, ...], list[Value]] = {}
        for value in sorted(self.values[name], key=lambda value: (value != usual, isinstance(value, int), value)):
            kinds.setdefault(tuple(value in allowed for allowed in told), []).append(value)
        return tuple(kinds.values())


def meet(one: Box, other: Box) -> bool:
    """Whether some situation is in both."""
    return not any(name in one and one[name].isdisjoint(allowed) for name, allowed in other.items())


def _union(scopes: Iterable[Scope], name: str) -> frozenset[Value]:
    return frozenset(value for scope in scopes for value in getattr(scope, name))


def _unsaid(name: str) -> tuple[str, ...]:
    """Most things may be left unsaid."""
    if name in _ALWAYS_SAID:
        return ()
    return ("web", UNKNOWN) if name == "channels" else ("",)
