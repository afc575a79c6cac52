"""Whether a price falls on the way up a scale, in any situation, without pricing all situations.

What a line costs before its discounts is worked out contest by contest: situations that come to the same amounts, and that no later
contest tells apart, go on as one. What follows (an `Ending`) treats all amounts alike, in ever so many ways that are found in the same
manner. A greater amount never comes to a lesser total, so the engine prices the ends of a range of amounts, and what is in between
only where that does not settle it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, product
from math import log
from typing import Any, NamedTuple

from attrs import define, field, frozen

from repaircore.domain.pricing.review.dimensions import QUANTITY, At, Sight
from repaircore.domain.pricing.review.units import Outcome, Pipeline, Unit, changed
from repaircore.domain.pricing.rules import Stage

_GRAIN = 0.005  # amounts that differ by less are one at first


class TooMany(Exception):
    """There is more to look at than there is room for."""


@define
class Budget:
    """How much may be looked at."""

    left: int

    def spend(self) -> None:
        """Raises TooMany once there is no room for more."""
        self.left -= 1
        if self.left < 0:
            raise TooMany


class Edge(NamedTuple):
    """An amount, and a situation of a service for a device in which a line comes to it."""

    amount: Fraction
    pipeline: Pipeline
    at: At


Edges = tuple[Edge | None, ...]  # for each kind of step; None where nothing is offered


@frozen(eq=False)
class Reached:
    """The least and the greatest amounts that lines come to before discounts, in situations that nothing later tells apart.

    `marks` are what contests come to that look at the scale: situations with other marks are kept apart.
    """

    lows: Edges
    highs: Edges
    marks: tuple[Hashable, ...]

    @property
    def one(self) -> Edge:
        """Any of the situations."""
        return next(edge for edge in self.lows if edge is not None)

    @property
    def is_single(self) -> bool:
        """Whether there is one amount on each step."""
        return all(low is None or high is None or low.amount == high.amount for low, high in self._both())

    def _both(self) -> Iterator[tuple[Edge | None, Edge | None]]:
        return zip(self.lows, self.highs, strict=True)

    def with_other(self, other: "Reached") -> "Reached":
        """Take both together."""
        lows = tuple(
            a if a is None or b is None or a.amount <= b.amount else b
            for a, b in zip(self.lows, other.lows, strict=True)
        )
        highs = tuple(
            a if a is None or b is None or a.amount >= b.amount else b
            for a, b in zip(self.highs, other.highs, strict=True)
        )
        return Reached(lows, highs, self.marks)


@frozen(eq=False)
class Ending:
    """What discounts, bounds, taxes and the order's fees come to on each step: by contest, then by step. `at` is a situation in which
    they do."""

    at: At
    outcomes: tuple[tuple[Outcome, ...], ...] = ()


@frozen(eq=False)
class Climb:
    """A scale's steps for services and devices that all contests but the first treat alike. `values` are those of all dimensions."""

    scale: str
    steps: Sequence[Any]
    pipelines: Sequence[Pipeline]
    values: Mapping[str, Sequence[Any]]
    budget: Budget
    kinds: Sequence[Any] = field(init=False)  # of the steps, the first of each kind to all contests before discounts
    places: Sequence[int] = field(init=False)  # of each step, which kind it is

    def __attrs_post_init__(self) -> None:
        one = self.pipelines[0]
        sight = Sight.both(one.first, *(unit.sight for unit in one.early))
        kinds = sight.one_of_each(self.scale, self.steps)
        told = [sight.kind(self.scale, step) for step in kinds]
        object.__setattr__(self, "kinds", kinds)
        object.__setattr__(self, "places", [told.index(sight.kind(self.scale, step)) for step in self.steps])

    @property
    def early(self) -> Sequence[Unit]:
        """The contests after the first ones and before discounts."""
        return self.pipelines[0].early

    @property
    def late(self) -> Sequence[Unit]:
        """Discounts and all that follows."""
        return self.pipelines[0].late

    @property
    def shared(self) -> Sight:
        """What both the contests before discounts and those after look at, as the later ones do."""
        one = self.pipelines[0]
        before = {*one.first.tells, *(name for unit in one.early for name in unit.sight.tells)}
        late = Sight.both(*(unit.sight for unit in one.late))
        return Sight({name: tells for name, tells in late.tells.items() if name in before and name != self.scale})

    def reached(self, *, exactly: bool) -> Mapping[Hashable, Sequence[Reached]]:
        """Answer every amount that lines come to before discounts, by what later contests tell apart."""
        early, shared = self.pipelines[0].early, self.shared
        found = list(chain.from_iterable(map(self._started, self.pipelines)))
        for index, unit in enumerate(early):
            ahead = Sight.both(*(each.sight for each in early[index + 1 :]), shared)
            found = self._passed(unit, found, ahead, exactly=exactly)
        by_ending = defaultdict(list)
        for one in found:
            by_ending[shared.kinds(one.one.at)].append(one)
        return by_ending

    def endings(self) -> Mapping[Hashable, Sequence[Ending]]:
        """Answer every ending, by what the contests before discounts look at too."""
        pipeline, shared = self.pipelines[0], self.shared
        found = [Ending({})]
        for index, unit in enumerate(pipeline.late):
            ahead = Sight.both(*(each.sight for each in pipeline.late[index + 1 :]))
            merged: dict[Hashable, Ending] = {}
            for ending in found:
                for at in self._cells(unit, ending.at, Sight.both(unit.sight, ahead)):
                    outcomes = (
                        *ending.outcomes,
                        tuple(pipeline.outcome(unit, {**at, self.scale: step}) for step in self.steps),
                    )
                    merged.setdefault((ahead.kinds(at), shared.kinds(at), outcomes), Ending(at, outcomes))
            found = list(merged.values())
        by_start = defaultdict(list)
        for ending in found:
            by_start[shared.kinds(ending.at)].append(ending)
        return {kinds: list(self._telling(some)) for kinds, some in by_start.items()}

    def _telling(self, endings: Iterable[Ending]) -> Iterator[Ending]:
        """Leave out endings that only add to the order what does not depend on the scale, and so never make a total fall."""
        late = self.pipelines[0].late
        tail = {index for index, unit in enumerate(late) if unit.per_order or unit.stage is Stage.TAX}
        if any(self._is_looked_at_by(late[index]) or late[index].has_windows for index in tail):
            yield from endings
            return
        alike: dict[Hashable, list[Ending]] = defaultdict(list)
        for ending in endings:
            alike[tuple(one for index, one in enumerate(ending.outcomes) if index not in tail)].append(ending)
        for some in alike.values():
            plain = [one for one in some if not any(one.outcomes[index][0].does for index in tail)]
            yield from plain[:1] or some

    def _is_looked_at_by(self, unit: Unit) -> bool:
        return len(unit.sight.one_of_each(self.scale, self.steps)) > 1

    def _started(self, pipeline: Pipeline) -> Iterator[Reached]:
        rest = Sight.both(pipeline.first, *(unit.sight for unit in (*pipeline.early, *pipeline.late)))
        for at in self._combined(pipeline.first.tells, {}, rest):
            self.budget.spend()
            found = [pipeline.start({**at, self.scale: step}) for step in self.kinds]
            edges = tuple(None if one is None else Edge(one[0], pipeline, at) for one in found)
            if any(edges):
                marks = tuple(None if one is None else one[1] for one in found)
                scaled = tuple(one and one[0] for one in found) if self.scale in pipeline.first.tells else ()
                yield Reached(edges, edges, (marks, scaled))

    def _passed(self, unit: Unit, found: Iterable[Reached], ahead: Sight, *, exactly: bool) -> list[Reached]:
        merged: dict[Hashable, Reached] = {}
        sight, pipeline = Sight.both(unit.sight, ahead), self.pipelines[0]
        for one in found:
            for at in self._cells(unit, one.one.at, sight):
                self.budget.spend()
                outcomes = [pipeline.outcome(unit, {**at, self.scale: step}) for step in self.kinds]
                after = self._changed(unit, one, outcomes, at)
                key = (ahead.kinds(at), after.marks, *(_rounded(edge, exactly=exactly) for edge in after.lows))
                merged[key] = merged[key].with_other(after) if key in merged else after
        return list(merged.values())

    def _changed(self, unit: Unit, one: Reached, outcomes: Sequence[Outcome], at: At) -> Reached:
        rulebook = self.pipelines[0].compiled.rulebook

        def after(edges: Edges) -> Edges:
            return tuple(
                edge and Edge(changed(unit, outcome, edge.amount, rulebook), edge.pipeline, {**at, **edge.at})
                for edge, outcome in zip(edges, outcomes, strict=True)
            )

        lows = after(one.lows)
        told = tuple(outcomes) if any(outcome != outcomes[0] for outcome in outcomes) else None
        return Reached(lows, lows if one.highs is one.lows else after(one.highs), (*one.marks, told))

    def _cells(self, unit: Unit, settled: At, sight: Sight) -> Iterator[At]:
        return self._combined(unit.sight.tells, settled, sight)

    def _combined(self, names: Iterable[str], settled: At, sight: Sight) -> Iterator[At]:
        """Answer a situation for each kind of the dimensions that are not settled yet."""
        new = [name for name in names if name not in settled and name != self.scale]
        for values in product(*(sight.one_of_each(name, self._known(name)) for name in new)):
            yield {**settled, **dict(zip(new, values, strict=True))}

    def _known(self, name: str) -> Sequence[Any]:
        if name != QUANTITY:
            return self.values[name]
        most = min(pipeline.pair.service.max_quantity for pipeline in self.pipelines)
        return [value for value in self.values[name] if value <= most]


def _rounded(edge: Edge | None, *, exactly: bool) -> Hashable:
    if edge is None or exactly or edge.amount <= 0:
        return edge and edge.amount
    return int(log(edge.amount) / _GRAIN)
