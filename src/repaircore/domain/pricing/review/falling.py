"""Totals that fall on the way up a scale: a proof that there are none, or a situation in which one does."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property

from attrs import define, evolve, field, frozen

from repaircore.domain.errors import NotOffered
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.review.climbing import Climb, Edge, Ending, Reached
from repaircore.domain.pricing.review.dimensions import At
from repaircore.domain.pricing.review.ordering import surely_not_less
from repaircore.domain.pricing.review.pairs import Pair
from repaircore.domain.pricing.review.units import Outcome
from repaircore.domain.pricing.rules import GroupMode, Reach, Rulebook, Stage
from repaircore.domain.pricing.ways import Way, ways


@frozen(eq=False)
class Fall:
    """A step up that costs less in total: the situation of a service for a device, the step, and the totals."""

    pair: Pair
    at: At
    step: tuple[object, object]
    totals: tuple[Money, Money]
    facts: tuple[Facts, Facts]


@frozen(eq=False)
class Engines:
    """The rulebook as it is; and where an exclusive discount shuts out all others on the whole quote, with only those discounts that
    may be taken together: none, those that are not exclusive, each of the exclusive ones."""

    whole: CompiledRulebook
    bare: CompiledRulebook
    usual: CompiledRulebook
    alone: tuple[CompiledRulebook, ...]

    @classmethod
    def of(cls, compiled: CompiledRulebook) -> "Engines":
        """Take a rulebook apart, if need be."""
        known = ways(compiled.rulebook)
        if known is None:
            return cls(compiled, compiled, compiled, ())
        bare, usual, *alone = (_only(way, compiled.rulebook) for way in (known.bare, known.usual, *known.alone))
        return cls(compiled, bare, usual, tuple(alone))


def _only(way: Way, rulebook: Rulebook) -> CompiledRulebook:
    rules = tuple(filter(way.allows, rulebook.rules))
    return compile_rulebook(evolve(rulebook, rules=rules, exclusive_reach=Reach.EACH))


@frozen(eq=False)
class Step:
    """A step of the scale, by its number, with what it ends in. `start` tells which amounts go with the ending."""

    start: Hashable
    ending: Ending
    number: int

    @property
    def outcomes(self) -> Iterator[tuple[Outcome, Outcome]]:
        """What each contest comes to before the step and after it."""
        return ((one[self.number], one[self.number + 1]) for one in self.ending.outcomes)

    @property
    def differences(self) -> tuple[tuple[int, Outcome, Outcome], ...]:
        """The contests that come to something else after the step, by their number."""
        pairs = enumerate(self.outcomes)
        return tuple((index, before, after) for index, (before, after) in pairs if before != after)


@define(slots=False)
class Comparison:
    """Compares totals along one climb."""

    climb: Climb
    engines: Engines
    _told: set[Hashable] = field(factory=set, init=False)
    _totals: dict[tuple[int, int, int, int], int] = field(factory=dict, init=False)

    def falls(self) -> Iterator[Fall]:
        """Answer a fall for every way in which contests differ on a step, where there is one. Raises TooMany."""
        numbers = range(len(self.climb.steps) - 1)
        every = [
            Step(start, ending, number)
            for start, some in self.climb.endings().items()
            for ending in some
            for number in numbers
        ]
        left = [step for step in every if not self._is_level(step)]
        if left and self._rises and not any(unit.has_windows for unit in self.climb.early):
            about = {start: _alike(some) for start, some in self.climb.reached(exactly=False).items()}
            left = [step for step in left if any(any(self._open(some, step)) for some in about[step.start])]
            self._totals.clear()
        reached = {start: _alike(some) for start, some in self.climb.reached(exactly=True).items()} if left else {}
        for step in left:
            for some in reached[step.start]:
                yield from self._fall(some, step)
            self._totals.clear()

    @cached_property
    def _rises(self) -> bool:
        """Whether a greater amount comes to no lesser total: amounts neither decide which discounts and taxes there are, nor are
        parted by what they are for."""
        return not self.engines.whole.looks.at_kinds and not any(unit.has_windows for unit in self.climb.late)

    def _is_level(self, step: Step) -> bool:
        """Whether no contest tells what is before the step from what is after it, or none that does lowers an amount."""
        before, after = self._places(step)
        return self._rises and before == after and self._surely_rises((), step)

    def _places(self, step: Step) -> tuple[int, int]:
        return self.climb.places[step.number], self.climb.places[step.number + 1]

    def _fall(self, some: Sequence[Reached], step: Step) -> Iterator[Fall]:
        key = (step.number, some[0].marks, step.differences)
        if key in self._told:
            return
        for reached in self._open(some, step):
            fall = self._fallen(reached, step)
            if fall:
                self._told.add(key)
                yield fall
                return

    def _fallen(self, reached: Reached, step: Step) -> Fall | None:
        place, _ = self._places(step)
        edge = reached.lows[place]
        assert edge is not None
        at = {**step.ending.at, **edge.at}
        scale, steps = self.climb.scale, self.climb.steps[step.number : step.number + 2]
        facts = [edge.pipeline.quotes.facts(edge.pipeline.pair, {**at, scale: value}) for value in steps]
        try:
            totals = [price(self.engines.whole, each).total for each in facts]
        except NotOffered:
            return None
        if totals[1] >= totals[0]:
            return None
        return Fall(edge.pipeline.pair, at, (steps[0], steps[1]), (totals[0], totals[1]), (facts[0], facts[1]))

    def _open(self, some: Sequence[Reached], step: Step) -> Iterator[Reached]:
        """Answer what ranges of amounts do not settle, one by one."""
        before, after = self._places(step)
        offered = [each for each in some if each.lows[before] and each.lows[after]]
        offered.sort(key=lambda each: (_amount(each.lows[before]), _amount(each.lows[after])))
        yield from self._halved(offered, step)

    def _halved(self, some: Sequence[Reached], step: Step) -> Iterator[Reached]:
        self.climb.budget.spend()
        if not some or (self._rises and (self._surely_rises(some, step) or self._ends_rise(some, step))):
            return
        if len(some) == 1:
            yield some[0]
            return
        half = len(some) // 2
        yield from self._halved(some[:half], step)
        yield from self._halved(some[half:], step)

    def _surely_rises(self, some: Sequence[Reached], step: Step) -> bool:
        """Whether no contest lowers an amount on the step against what it was before it."""
        before, after = self._places(step)
        if before != after and any(_amount(each.highs[before]) > _amount(each.lows[after]) for each in some):
            return False
        rulebook = self.engines.whole.rulebook
        if not all(surely_not_less(one, other, rulebook) for one, other in step.outcomes):
            return False
        return not (self._may_shut_out(step, 0) or self._may_shut_out(step, 1)) or (
            before == after and all(self.climb.late[index].stage is Stage.DISCOUNTS for index, _, _ in step.differences)
        )

    def _may_shut_out(self, step: Step, side: int) -> bool:
        """Whether a discount holds that shuts out all others on the quote."""
        groups = self.engines.whole.rulebook.groups
        rules = (rule for pair in step.outcomes for rule in pair[side].rules if rule.group)
        return bool(self.engines.alone) and any(groups[rule.group] is GroupMode.EXCLUSIVE for rule in rules)

    def _ends_rise(self, some: Sequence[Reached], step: Step) -> bool:
        """Whether the greatest total before the step is no greater than the least after it."""
        _, most = self._ends(some, step, 0)
        least, _ = self._ends(some, step, 1)
        return most <= least

    def _ends(self, some: Sequence[Reached], step: Step, side: int) -> tuple[int, int]:
        """Answer bounds of the totals on one side of the step."""
        place = self._places(step)[side]
        low = min((each.lows[place] for each in some), key=_amount)
        high = max((each.highs[place] for each in some), key=_amount)
        assert low is not None
        assert high is not None

        def total(engine: CompiledRulebook, edge: Edge) -> int:
            return self._total(engine, edge, step.ending, step.number + side)

        usual = total(self.engines.usual, low), total(self.engines.usual, high)
        if not self._may_shut_out(step, side):
            return usual
        alone = tuple(min(total(engine, edge) for engine in self.engines.alone) for edge in (low, high))
        if alone[1] < total(self.engines.bare, low):
            return alone[0], alone[1]
        return min(usual[0], alone[0]), max(usual[1], alone[1])

    def _total(self, engine: CompiledRulebook, edge: Edge, ending: Ending, number: int) -> int:
        key = (id(engine), id(edge), id(ending), number)
        if key not in self._totals:
            self.climb.budget.spend()
            at = {**ending.at, **edge.at, self.climb.scale: self.climb.steps[number]}
            self._totals[key] = price(engine, edge.pipeline.quotes.facts(edge.pipeline.pair, at)).total.amount
        return self._totals[key]


def _amount(edge: Edge | None) -> tuple[float, Fraction]:
    """Order edges by their amounts, exactly: the float alone settles most of it, and faster."""
    assert edge is not None
    return edge.amount.numerator / edge.amount.denominator, edge.amount


def _alike(reached: Iterable[Reached]) -> Sequence[Sequence[Reached]]:
    """Part them by what contests that look at the scale came to."""
    found = defaultdict(list)
    for one in reached:
        found[one.marks].append(one)
    return tuple(found.values())
