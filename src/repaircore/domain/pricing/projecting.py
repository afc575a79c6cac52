"""Contests that remember how they were decided: cases that differ in nothing that their rules look at are one case."""

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from operator import itemgetter
from typing import TypeVar

from attrs import field, frozen

from repaircore.domain.pricing.conditions import POSTCODE, Case, Context
from repaircore.domain.pricing.contests import Candidate, Decision, decided, taxes
from repaircore.domain.pricing.exact import Step
from repaircore.domain.pricing.taxing import Taxes

T = TypeVar("T")

_MOST_CASES = 200  # of one contest: its rules seldom tell more apart


@frozen(eq=False)
class Projection:
    """Which parts of a case some rules look at: the places in its context, the items, what the amount is for."""

    places: frozenset[int]
    at_items: bool
    at_kinds: bool
    _of_context: Callable[[Context], Hashable] = field(init=False)

    @_of_context.default
    def _at_places(self) -> Callable[[Context], Hashable]:
        return itemgetter(*sorted(self.places)) if self.places else itemgetter(slice(0))

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "Projection":
        """Gather what the rules look at."""
        looking = [one for one in candidates if one.tests or one.prefixes or one.of_items or one.kinds]
        if not looking:
            return NOWHERE
        places = {place for one in looking for place, _ in one.tests}
        if any(one.prefixes for one in looking):
            places.add(POSTCODE)
        return cls(frozenset(places), any(one.of_items for one in looking), any(one.kinds for one in looking))

    @classmethod
    def union(cls, parts: Iterable["Projection"]) -> "Projection":
        """Gather what any of them looks at."""
        looking = [one for one in parts if one is not NOWHERE]
        if len(looking) < 2:
            return looking[0] if looking else NOWHERE
        return cls(
            frozenset().union(*[one.places for one in looking]),
            any(one.at_items for one in looking),
            any(one.at_kinds for one in looking),
        )

    def key(self, case: Case) -> Hashable:
        """Answer something equal for all cases that do not differ in what the rules look at."""
        told = self._of_context(case.context)
        if self.at_items or self.at_kinds:
            return told, case.details if self.at_items else (), case.kind if self.at_kinds else ""
        return told


NOWHERE = Projection(frozenset(), at_items=False, at_kinds=False)


class Contest(list[Candidate]):
    """The candidates of one contest, the most specific first, which remembers how it was decided. No candidate is added any
    more after the first question. There are as many contests as prices: they take up room only once they are asked."""

    _projection: Projection | None = None
    _always: Decision | None = None
    _decisions: dict[Hashable, Decision] | None = None
    _taxes: dict[Hashable, Taxes] | None = None

    @cached_property
    def looks_at_amounts(self) -> bool:
        """Whether amounts may decide who applies."""
        return any(one.rule.group or not one.is_open_ended for one in self)

    @cached_property
    def looks_at_devices(self) -> bool:
        """Whether a device that is looked up may still be none of a rule's."""
        return any(one.looks_at_devices for one in self)

    @property
    def projection(self) -> Projection:
        """What its rules look at."""
        if self._projection is None:
            self._projection = Projection.of(self)
        return self._projection

    def decided(self, case: Case) -> Decision:
        """Answer who wins the contest in a case, and the steps that it comes to."""
        if self._always is not None:
            return self._always
        if self.projection is NOWHERE:
            self._always = decided(self, case)
            return self._always
        if self._decisions is None:
            self._decisions = {}
        key = self.projection.key(case)
        return self._decisions.get(key) or _kept(self._decisions, key, decided(self, case))

    def steps(self, case: Case) -> tuple[Step, ...]:
        """Answer the steps that the contest comes to in a case."""
        return self.decided(case).steps

    def taxes(self, case: Case) -> Taxes:
        """Answer the taxes that the contest comes to in a case."""
        if self._taxes is None:
            self._taxes = {}
        key = self.projection.key(case)
        return self._taxes.get(key) or _kept(self._taxes, key, taxes(self, case))

    def forget(self) -> None:
        """Forget what was decided, but for what is so in every case."""
        if self._projection is not NOWHERE:
            self._decisions = self._taxes = None


def _kept(memo: dict[Hashable, T], key: Hashable, value: T) -> T:
    if len(memo) >= _MOST_CASES:
        memo.clear()
    memo[key] = value
    return value


Contests = dict[str, Contest]  # by name


@frozen(eq=False)
class Table:
    """Everything that decides a line, or an order, and what any of it looks at."""

    contests: Contests
    projection: Projection = field(init=False)

    @projection.default
    def _union(self) -> Projection:
        return Projection.union(contest.projection for contest in self.contests.values())
