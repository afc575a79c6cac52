"""Which rules make a price: the winners of all contests, what stacks with them, and the discounts that were taken."""

from collections.abc import Container, Iterator, Mapping

from attrs import evolve

from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.conditions import Case
from repaircore.domain.pricing.contests import winners
from repaircore.domain.pricing.exact import Step
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.projecting import Contest
from repaircore.domain.pricing.review.changes import does_the_same
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Stage

Winners = Mapping[str, Rule]

_BOUNDS = (Action.MINIMUM, Action.MAXIMUM)
_DEPOSITS = frozenset({Stage.DEPOSIT.value, *(f"{Stage.DEPOSIT} {bound}" for bound in _BOUNDS)})  # decided together


def contested(old: Rulebook, new: Rulebook) -> frozenset[str]:
    """Name the contests that two rulebooks do not decide alike: those with a rule that is not the same in both."""
    rules = [{rule.id: rule for rule in rulebook.rules} for rulebook in (old, new)]
    pairs = [[one.get(id) for one in rules] for id in {**rules[0], **rules[1]}]
    found = {rule.contest for pair in pairs if not does_the_same(*pair) for rule in pair if rule}
    return frozenset(found | _DEPOSITS if found & _DEPOSITS else found)


def winning(compiled: CompiledRulebook, facts: Facts) -> Winners:
    """Answer the rules that apply to the facts, by id. Only where amounts decide is the price worked out for that."""
    found = _decided(compiled, facts, None)
    return _worked_out(compiled, facts) if found is None else found


def differing(old: CompiledRulebook, new: CompiledRulebook, facts: Facts, among: Container[str]) -> list[str]:
    """Name the rules that apply on one side and not on the other, or not as they did. `among` are the contested contests: no
    others are looked at, but where amounts decide."""
    before, after = (_decided(side, facts, among) for side in (old, new))
    if before is None or after is None:
        before, after = winning(old, facts), winning(new, facts)
    return [id for id in {**before, **after} if not does_the_same(before.get(id), after.get(id))]


def _decided(compiled: CompiledRulebook, facts: Facts, among: Container[str] | None) -> Winners | None:
    """Answer who wins these contests, or all; None where amounts decide."""
    found: dict[str, Rule] = {}
    for contests, case, of_order in compiled.cases(facts):
        for name, contest in contests.items():
            if among is not None and name not in among and not contest.looks_at_amounts:
                continue
            if _is_per_order(contest) is of_order:
                told = _told(contest, case)
                if told is None or (compiled.looks.at_kinds and contest[0].rule.stage is Stage.TAX):
                    return None
                found.update((rule.id, rule) for rule in told)
    found = _bounding_something(found)
    return _whole(compiled, facts, found) if any(rule.scope.postcode_prefixes for rule in found.values()) else found


def _bounding_something(found: dict[str, Rule]) -> dict[str, Rule]:
    """Leave out the bounds of a deposit where there is none."""
    deposits = [rule for rule in found.values() if rule.stage is Stage.DEPOSIT]
    if any(rule.action not in _BOUNDS for rule in deposits):
        return found
    return {id: rule for id, rule in found.items() if rule.stage is not Stage.DEPOSIT}


def _whole(compiled: CompiledRulebook, facts: Facts, found: Winners) -> Winners:
    """Put rules that were parted by the length of their prefixes together again."""
    return {rule.id: rule for rule in compiled.fitting(facts) if rule.id in found}


def _told(contest: Contest, case: Case) -> list[Rule] | None:
    """Answer who applies, or None where amounts decide."""
    first = contest[0].rule
    if first.group:
        return None if any(one.holds(case) for one in contest) else []
    if first.stage is Stage.DEPOSIT:
        found = winners(contest, case)
        return [one.rule for one in found] if len(found) < 2 and all(one.is_open_ended for one in found) else None
    steps = contest.decided(case).steps
    return None if any(map(_is_windowed, steps)) else list(_first(steps))


def _is_windowed(step: Step) -> bool:
    return len(step) > 1 or (step[0].amount_from, step[0].amount_until) != (None, None)


def _first(steps: tuple[Step, ...]) -> Iterator[Rule]:
    return (step[0].rule for step in steps if step[0].rule is not None)


def _is_per_order(contest: Contest) -> bool:
    rule = contest[0].rule
    return rule.per is Per.ORDER or rule.stage is Stage.DEPOSIT


def _worked_out(compiled: CompiledRulebook, facts: Facts) -> Winners:
    rulebook = evolve(compiled.rulebook, rules=compiled.fitting(facts))
    rules = {rule.id: rule for rule in rulebook.rules}
    fired = (row.rule_id for row in explain(rulebook, facts) if row.fired)
    return {id: rules[id] for id in fired if id in rules}
