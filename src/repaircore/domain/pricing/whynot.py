"""Why not: the discounts that did not apply, what kept each away, and what it would need."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from attrs import frozen

from repaircore.domain.pricing.explain import Considered
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation, Unmet, refusals
from repaircore.domain.pricing.rules import Rule, Rulebook, Stage

# What a customer cannot change about a job: a discount that asks for another of these is for other people's repairs.
_ENDS = {
    "hours": ("hour_from", "hour_until"),
    "dates": ("date_from", "date_until"),
    "quantity": ("quantity_from", "quantity_until"),
}
_NOTHING: tuple[object, ...] = (None, "", frozenset())
_ANOTHER_JOB = frozenset({"models", "category", "brand", "years", "services", "line_kinds"})


@frozen(kw_only=True)
class NotApplied:
    """A discount that applied to no line. Without anything unmet, it lost: `why` says to what."""

    rule: Rule
    unmet: tuple[Unmet, ...]
    why: str


def not_applied(rulebook: Rulebook, facts: Facts, rows: Iterable[Considered]) -> tuple[NotApplied, ...]:
    """List the discounts for this job that did not apply, those that need the least first.

    `rows` are the explanation's. A discount for a promotion code is told only to whom the code was given.
    """
    rules = {rule.id: rule for rule in rulebook.rules if rule.stage is Stage.DISCOUNTS and _is_told(rule, facts)}
    discounts = [row for row in rows if row.stage is Stage.DISCOUNTS and row.rule_id in rules]
    fired = {row.rule_id: rules[row.rule_id] for row in discounts if row.fired}
    idle = (row for row in discounts if row.rule_id not in fired)
    missed = (_missed(rules[row.rule_id], row, facts, rulebook.currency) for row in idle)
    expected = (one for one in missed if not any(_is_instead(one, rule) for rule in fired.values()))
    return tuple(sorted(_closest(expected).values(), key=lambda one: len(one.unmet)))


def _is_instead(one: NotApplied, applied: Rule) -> bool:
    """The rows of a table are alternatives: who has one of them does not ask for the others. All that keeps such a row away is
    what the other asks for as well, in other words; rules that merely have names alike are told."""
    table = one.rule.id.rpartition("/")[0]
    if not table or table != applied.id.rpartition("/")[0]:
        return False
    return bool(one.unmet) and all(_asks(applied, unmet.condition) for unmet in one.unmet)


def _asks(rule: Rule, condition: str) -> bool:
    """Whether the rule has a condition of that name, whatever it says."""
    names = _ENDS.get(condition, (condition,))
    return any(getattr(part, name, None) not in _NOTHING for part in (rule, rule.scope) for name in names)


def _is_told(rule: Rule, facts: Facts) -> bool:
    known = {*facts.promo_codes, *(refused.code for refused in facts.refused_codes)}
    return not rule.scope.promo_codes or not rule.scope.promo_codes.isdisjoint(known)


def _missed(rule: Rule, row: Considered, facts: Facts, currency: str) -> NotApplied:
    items = tuple(item for item in facts.items if item.service_id == row.line)[:1]
    services = frozenset(item.service_id for item in items or facts.items)
    amount = Fraction(row.before.exact)
    situation = Situation(facts=facts, services=services, amount=amount, currency=currency, items=items)
    return NotApplied(rule=rule, unmet=refusals(rule, situation), why=row.why)


def _closest(missed: Iterable[NotApplied]) -> Mapping[str, NotApplied]:
    closest: dict[str, NotApplied] = {}
    for one in _for_this_job(missed):
        known = closest.setdefault(one.rule.id, one)
        if len(one.unmet) < len(known.unmet):
            closest[one.rule.id] = one
    return closest


def _for_this_job(missed: Iterable[NotApplied]) -> Iterator[NotApplied]:
    return (one for one in missed if _ANOTHER_JOB.isdisjoint(unmet.condition for unmet in one.unmet))
