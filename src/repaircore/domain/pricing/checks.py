"""Whether a rulebook may be used: every fault is found before the first quote, and named with the rules' places."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from attrs import evolve

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.faults import Names, action_faults, group_faults, value_faults, window_faults
from repaircore.domain.pricing.overlaps import Contender, contenders, meet, meeting, per_order
from repaircore.domain.pricing.problems import Problem, RulebookInvalid, Severity, error, placed, warning
from repaircore.domain.pricing.rules import COMPONENTS, Action, Rule, Rulebook, Stage
from repaircore.domain.pricing.together import Verdict, together

__all__ = ["Problem", "RulebookInvalid", "Severity", "check", "refuse"]


def check(
    rulebook: Rulebook, catalogue: Catalogue, places: Mapping[str, str] = MappingProxyType({})
) -> tuple[Problem, ...]:
    """Find every fault: errors first, then warnings, in the order of the rulebook. Many thousand rules take about a second.

    `places` are where services stand, by id, if they stand in files.
    """
    names = Names.of(rulebook, catalogue)
    problems = [problem for rule in rulebook.rules for problem in _faults(rule, names, rulebook)]
    problems += _duplicates(rulebook.rules)
    problems += _ties(rulebook)
    problems += _crossed_bounds(rulebook.rules)
    problems += _unguarded(rulebook)
    problems += _missing_prices(rulebook.rules, catalogue, places)
    return tuple(sorted(problems, key=lambda problem: problem.severity is Severity.WARNING))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise RulebookInvalid, naming every error at once; warnings alone pass."""
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise RulebookInvalid(errors)


def _faults(rule: Rule, names: Names, rulebook: Rulebook) -> Iterator[Problem]:
    yield from action_faults(rule)
    yield from group_faults(rule, rulebook.groups)
    yield from value_faults(rule)
    yield from window_faults(rule)
    yield from names.faults(rule)


def _duplicates(rules: Iterable[Rule]) -> Iterator[Problem]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is not rule:
            yield error("duplicate_id", "two rules have the same id", first, rule)


def _ties(rulebook: Rulebook) -> Iterator[Problem]:
    def verdict(one: Rule, other: Rule) -> Verdict:
        return together(one, other, rulebook.words, whole_order=per_order(one))

    for (contest, _), group in contenders(rulebook.rules).items():
        pairs = meeting(group, wanted=lambda one, other: verdict(one, other) is not Verdict.NO)
        yield from (_tie(contest, *pair, certain=verdict(*pair) is Verdict.YES) for pair in pairs)


def _tie(contest: str, one: Rule, other: Rule, *, certain: bool) -> Problem:
    if not certain:
        message = "equally specific, and perhaps the expressions of both hold for some quote; there"
        return warning("perhaps_tie", f"{message} {min(one.id, other.id)!r} applies ({contest})", one, other)
    if per_order(one) and not meet(one.scope, other.scope):
        winner = min(one.id, other.id)
        return warning(
            "order_tie",
            f"an order with services of both is in both scopes; there {winner!r} applies ({contest})",
            one,
            other,
        )
    if one.scope == other.scope:
        message = "the same scope in the same stage, so neither is more specific; narrow one, or let one stack"
        return error("tie", f"{message} ({contest})", one, other)
    message = "equally specific, and some quotes are in both scopes; part the scopes, or let one stack"
    return error("overlap", f"{message} ({contest})", one, other)


def _crossed_bounds(rules: Iterable[Rule]) -> Iterator[Problem]:
    """A minimum above a maximum of equal specificity: no price can satisfy both."""
    bounds: dict[object, list[Contender]] = defaultdict(list)
    stages = (Stage.FLOOR_CAP, Stage.DEPOSIT)
    both = [rule for rule in rules if rule.stage in stages and rule.action in (Action.MINIMUM, Action.MAXIMUM)]
    for (_, specificity), group in contenders(both).items():
        for one in group:
            bounds[one.rule.stage, specificity].append(one)
    for group in bounds.values():
        yield from _crossed(group)


def _crossed(group: list[Contender]) -> Iterator[Problem]:
    for first, second in meeting(group, wanted=lambda one, other: one.action is not other.action):
        low, high = (first, second) if first.action is Action.MINIMUM else (second, first)
        if low.value > high.value:
            figures = f"{exact_text(low.value)} > {exact_text(high.value)} minor units"
            yield error("crossed_bounds", f"the minimum is above the maximum: {figures}", low, high)


def _unguarded(rulebook: Rulebook) -> Iterator[Problem]:
    """Margins are judged where a cost is known: without any, nothing is ever alerted or refused."""
    has_costs = rulebook.supplier_costs or any(
        rule.cost is not None or (rule.stage is Stage.PARTS and rule.action is Action.SET) for rule in rulebook.rules
    )
    if rulebook.margins is not None and not has_costs:
        yield warning(
            "margins_without_costs",
            "[margins] guards nothing, as no cost is known: price by parts (parts = [...], or supplier_costs) "
            "or say what an hour costs ([labour_costs])",
        )


def _missing_prices(rules: Iterable[Rule], catalogue: Catalogue, places: Mapping[str, str]) -> Iterator[Problem]:
    offering = (Stage.BASE, *COMPONENTS)
    base = [rule.scope.services for rule in rules if rule.stage in offering and rule.action is Action.SET]
    if not all(base):
        return
    priced = frozenset().union(*base)
    for service in catalogue.services:
        if service not in priced:
            place = places.get(service, "")
            found = warning(
                "no_base_price", f"service {placed(repr(service), place)} has no base price: it cannot be quoted"
            )
            yield evolve(found, places=(place,) if place else ())
