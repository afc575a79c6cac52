"""Steps that go the wrong way: sooner, worse or more of it for less money. Looked for in every quote for one service that some rule
tells apart; `falling.py` and `climbing.py` say how."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from attrs import define, field

from repaircore.domain.pricing.engine import CompiledRulebook
from repaircore.domain.pricing.problems import Problem, warning
from repaircore.domain.pricing.review.boxes import Universe
from repaircore.domain.pricing.review.climbing import Budget, Climb, TooMany
from repaircore.domain.pricing.review.dimensions import QUANTITY, is_sampled
from repaircore.domain.pricing.review.falling import Comparison, Engines, Fall
from repaircore.domain.pricing.review.pairs import Pair
from repaircore.domain.pricing.review.quotes import Quotes
from repaircore.domain.pricing.review.units import Pipeline, Unit
from repaircore.domain.pricing.review.winning import winning
from repaircore.domain.pricing.rules import Rule

# The scope field, the word for it, and its words from the least to the most.
SCALES = (
    ("urgencies", "urgency", ("low", "standard", "high", "urgent", "emergency")),
    ("conditions", "condition", ("excellent", "good", "fair", "poor")),
    ("complexities", "complexity", ("simple", "standard", "complex", "extreme")),
)
ENOUGH = 400_000
"""Amounts and prices looked at on one scale, for services and devices that are treated alike; that there are more is said."""
_NAMED = 4


@define
class Steps:
    """Gathers every device with every service, one pair after the other, and then says what was found."""

    compiled: CompiledRulebook
    universe: Universe
    most: int  # of a service in one quote
    enough: int = ENOUGH
    _quotes: Quotes = field(init=False)
    _units: dict[Hashable, Unit] = field(factory=dict, init=False)
    _alike: dict[Hashable, list[Pipeline]] = field(factory=lambda: defaultdict(list), init=False)
    _seen: set[Hashable] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self._quotes = Quotes.of(self.compiled.conditional, self.universe, self.most)

    def look_at(self, pair: Pair) -> None:
        """Put the pair with those that are treated alike; of pairs with the same prices as well one is enough."""
        pipeline = Pipeline.of(self.compiled, self._quotes, pair, self._units)
        units = (*map(id, pipeline.early), *map(id, pipeline.late))
        kind = (units, tuple(pipeline.first.tells), pair.service.max_quantity)
        first = (kind, pipeline.start({}) if not pipeline.first.tells else pair.alike)
        if first not in self._seen:
            self._seen.add(first)
            self._alike[kind].append(pipeline)

    def problems(self) -> Iterator[Problem]:
        """Tell what is found, and where not everything could be looked at."""
        engines, found = Engines.of(self.compiled), dict[Hashable, Problem]()
        for pipelines in self._alike.values():
            for name, steps in self._scales(pipelines[0].pair):
                if len(steps) < 2:
                    continue
                climb = Climb(name, steps, pipelines, self._quotes.values, Budget(self.enough))
                try:
                    for fall in Comparison(climb, engines).falls():
                        rules = self._differing(fall)
                        key = (name, fall.step, *(rule.id for rule in rules))
                        found.setdefault(key, self._told(name, fall, rules))
                except TooMany:
                    found[name, id(pipelines)] = _too_many(name, pipelines)
        yield from found.values()
        if figures := [rule for rule in self.compiled.conditional if is_sampled(rule)]:
            message = (
                "figures of the market are held against other facts: steps are compared at some of their values only"
            )
            yield warning("not_exhaustive", message, *figures)

    def _scales(self, pair: Pair) -> Iterator[tuple[str, Sequence[Any]]]:
        for dimension, name, words in SCALES:
            yield name, [word for word in words if word in self.universe.values[dimension]]
        yield QUANTITY, range(1, pair.service.max_quantity + 1)

    def _differing(self, fall: Fall) -> Sequence[Rule]:
        """Name the rules that apply on one side of the step and not on the other."""
        before, after = (winning(self.compiled, facts) for facts in fall.facts)
        return [rule for id, rule in {**before, **after}.items() if (id in before) != (id in after)][:_NAMED]

    def _told(self, name: str, fall: Fall, rules: Sequence[Rule]) -> Problem:
        at = {dimension: value for dimension, value in fall.at.items() if dimension != name}
        situation = self._quotes.said(at)
        (lower, higher), (before, after) = fall.step, fall.totals
        message = (
            f"from {name} {lower} to {higher} the total falls from {before} to {after}, such as {fall.pair.service.name} for "
            f"{fall.pair.device.name}{situation and ' '}{situation}"
        )
        return warning("falling_step", message, *rules)


def _too_many(name: str, pipelines: Sequence[Pipeline]) -> Problem:
    pair, others = pipelines[0].pair, len(pipelines) - 1
    more = f" and {others:,} more" if others else ""
    message = f"more amounts are possible than are looked at: steps of {name} were compared in part only"
    return warning("not_exhaustive", f"{message}, for {pair.service.name} for {pair.device.name}{more}")
