"""Rules that compete: which of them wins in a case, and what stacks with the winner."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from attrs import frozen

from repaircore.domain.pricing.conditions import POSTCODE, Case, Test, competitor_price
from repaircore.domain.pricing.exact import Choice, Step, choice
from repaircore.domain.pricing.rules import Action, Rule
from repaircore.domain.pricing.taxing import Tax, Taxes, tax_of

_MATCH = Action.MATCH
_position = attrgetter("position")


@frozen(eq=False)
class Candidate:
    """A rule whose device and service fit, with the conditions that still depend on the quote."""

    rule: Rule
    rank: tuple[int, ...]  # the order of winning: most specific first
    position: int  # the order in the rulebook
    tests: tuple[Test, ...] = ()
    prefixes: tuple[str, ...] = ()
    of_items: tuple[Test, ...] = ()
    kinds: frozenset[str] = frozenset()

    @cached_property
    def order(self) -> tuple[tuple[int, ...], str, int]:
        """Sort rules that compete: of two that are as specific, the id settles what a check should have refused."""
        return self.rank, self.rule.id, self.position

    @cached_property
    def looks_at_devices(self) -> bool:
        """Whether a device with the rule's model, or its brand and category, may still be none of it."""
        scope = self.rule.scope
        return (
            scope.year_from is not None
            or scope.year_until is not None
            or bool(scope.models and (scope.brand or scope.category))
        )

    @cached_property
    def is_open_ended(self) -> bool:
        """Whether the rule applies at any amount."""
        return self.rule.scope.amount_from is None and self.rule.scope.amount_until is None

    @cached_property
    def choice(self) -> Choice:
        """The rule ready to run."""
        return choice(self.rule)

    @cached_property
    def tax(self) -> Tax:
        """The tax that the rule charges."""
        return tax_of(self.rule)

    def holds(self, case: Case) -> bool:
        """Whether everything but the amount window holds."""
        context = case.context
        if self.prefixes and not str(context[POSTCODE]).startswith(self.prefixes):
            return False
        for index, allowed in self.tests:
            if context[index] not in allowed:
                return False
        if self.kinds and case.kind not in self.kinds:
            return False
        return not self.of_items or all(
            any(detail[place] in allowed for detail in case.details) for place, allowed in self.of_items
        )


class Decision(NamedTuple):
    """Who wins a contest in a case (several where amounts decide), and the steps that it comes to, with those that stack."""

    winners: Sequence[Candidate]
    steps: tuple[Step, ...]


NOBODY = Decision((), ())


def decided(candidates: Sequence[Candidate], case: Case) -> Decision:
    """Decide a contest for a case."""
    found = resolved(candidates, case)
    first = found[0] if found and not found[0][0].rule.stacks else ()
    return Decision(first, tuple([choices(step, case) for step in found]))


def resolved(candidates: Iterable[Candidate], case: Case) -> list[list[Candidate]]:
    """Decide a contest for a case: the winner's step (with its rivals where amounts decide), then those that stack."""
    first: list[Candidate] = []
    stacking: list[Candidate] = []
    is_decided = False
    for one in candidates:
        if one.rule.stacks:
            if one.holds(case):
                stacking.append(one)
        elif not is_decided and one.holds(case):
            first.append(one)
            is_decided = one.is_open_ended
    stacking.sort(key=_position)
    return ([first] if first else []) + [[one] for one in stacking]


def winners(candidates: Iterable[Candidate], case: Case, *, stacking: bool = False) -> list[Candidate]:
    """Answer the rules of which the first that fits the amount wins; only the last of them may fit every amount."""
    found = []
    for one in candidates:
        if (stacking or not one.rule.stacks) and one.holds(case):
            found.append(one)
            if one.is_open_ended:
                break
    return found


def choices(step: Sequence[Candidate], case: Case) -> Step:
    """Make a step ready to run; a competitor's price to match is filled in."""
    return tuple([_matching(one.choice, case) if one.rule.action is _MATCH else one.choice for one in step])


def _matching(option: Choice, case: Case) -> Choice:
    most = (competitor_price(case) or 0) * Fraction(option.num, option.den)
    return option._replace(num=most.numerator, den=most.denominator)


def taxes(due: Sequence[Candidate], case: Case) -> Taxes:
    """Answer the taxes in a case, and those of a customer without a tax status where some rule asks for one."""
    found = resolved(due, case)
    ordinary = None
    if any(one.rule.relieves for step in found for one in step):
        ordinary = _taxes(resolved([one for one in due if not one.rule.scope.tax_statuses], case), None)
    return _taxes(found, ordinary)


def _taxes(found: list[list[Candidate]], ordinary: Taxes | None) -> Taxes:
    return Taxes(tuple(tuple((one.choice, one.tax) for one in step) for step in found), ordinary)
