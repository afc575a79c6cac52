"""Steps that go the wrong way: sooner, worse or more of it for less money.

Contests are looked at first: where no rule on a step up can lower a price against the one a step down, no price can fall,
whatever it was. Only where that is not certain are prices compared, over every situation that the rules tell apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise, product
from math import prod

from attrs import define, field

from repaircore.domain.errors import NotOffered
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import CompiledRulebook, price
from repaircore.domain.pricing.overlaps import Contender
from repaircore.domain.pricing.problems import Problem, warning
from repaircore.domain.pricing.review.boxes import Box, Universe, Value, is_plain
from repaircore.domain.pricing.review.ordering import surely_not_lower
from repaircore.domain.pricing.review.pairs import Pair
from repaircore.domain.pricing.review.situations import USUAL, Situation, said, situated
from repaircore.domain.pricing.rules import Per, Rule, Stage

# The scope field, the word for it, and its words from the least to the most.
SCALES = (
    ("urgencies", "urgency", ("low", "standard", "high", "urgent", "emergency")),
    ("conditions", "condition", ("excellent", "good", "fair", "poor")),
    ("complexities", "complexity", ("simple", "standard", "complex", "extreme")),
)
ENOUGH = 20_000
"""Steps compared at most on one scale, after what no rule tells apart is taken as one; how many are left is said."""

_QUANTITY = "quantity"
_AMOUNTS = "amounts"
Contest = tuple[Contender, ...]
_Classes = Mapping[str, Sequence[Sequence[Value]]]  # of each dimension, the values that no rule tells apart


@define
class Steps:
    """Looks at every device with every service, one pair after the other, and then says what was found."""

    compiled: CompiledRulebook
    universe: Universe
    enough: int = ENOUGH
    _verdicts: dict[tuple[str, int], tuple[Contest, bool]] = field(factory=dict, init=False)
    _compared: set[tuple[object, ...]] = field(factory=set, init=False)
    _counts: dict[str, int] = field(factory=dict, init=False)
    _left: dict[str, int] = field(factory=dict, init=False)
    _found: dict[tuple[object, ...], Problem] = field(factory=dict, init=False)

    def look_at(self, pair: Pair) -> None:
        """Compare the pair's prices along every scale on which they may fall."""
        contests = [contest for contest in pair.contests.values() if contest[0].rule.stage is not Stage.DEPOSIT]
        for name, _, words in SCALES:
            suspected = [contest for contest in contests if self._is_suspect(name, words, contest)]
            if suspected and self._is_new(name, pair):
                self._climb(name, pair, contests, suspected)
        counted = [one for contest in contests for one in contest if _counts_devices(one.rule)]
        if counted and self._is_new(_QUANTITY, pair):
            self._multiply(pair, contests, [one.rule for one in counted])

    def problems(self) -> Iterator[Problem]:
        """Tell what was found, and where not everything was looked at."""
        yield from self._found.values()
        for name, left in self._left.items():
            yield warning(
                "not_exhaustive", f"{self._counts[name]:,} steps of {name} were compared, and {left:,} were not"
            )

    def _is_suspect(self, name: str, words: Sequence[str], contest: Contest) -> bool:
        key = (name, id(contest))
        if key not in self._verdicts:
            boxes = [self.universe.box(one.scope) for one in contest]
            self._verdicts[key] = (
                contest,
                any(name in box for box in boxes) and self._may_fall(name, words, contest, boxes),
            )
        return self._verdicts[key][1]

    def _may_fall(self, name: str, words: Sequence[str], contest: Contest, boxes: Sequence[Box]) -> bool:
        """Answer no only where it is certain. A window of amounts may be left by what an earlier stage adds."""
        if not all(is_plain(one.rule) and not one.rule.group for one in contest):
            return True
        if any(_AMOUNTS in box or (name in box and one.rule.stacks) for one, box in zip(contest, boxes, strict=True)):
            return True
        known = [word for word in words if word in self.universe.values[name]]
        for at in self._situations(boxes, without=(name, _AMOUNTS)):
            winners = [_winner(contest, boxes, {**at, name: word}) for word in known]
            if not all(surely_not_lower(before, after) for before, after in pairwise(winners)):
                return True
        return False

    def _situations(self, boxes: Sequence[Box], *, without: Sequence[str]) -> Iterator[dict[str, Value]]:
        yield from _combined(self._told_apart(boxes, without))

    def _classes(self, contests: Sequence[Contest], *, without: Sequence[str]) -> _Classes:
        return self._told_apart([self.universe.box(one.scope) for contest in contests for one in contest], without)

    def _told_apart(self, boxes: Sequence[Box], without: Sequence[str]) -> _Classes:
        names = sorted({name for box in boxes for name in box}.difference(without))
        return {name: self.universe.classes(name, boxes, usual=USUAL[name]) for name in names}

    def _is_new(self, name: str, pair: Pair) -> bool:
        """Pairs with the same base prices under the same rules have the same totals."""
        base = [one for contest in pair.contests.values() for one in contest if one.rule.stage is Stage.BASE]
        rest = (id(one) for contest in pair.contests.values() for one in contest if one.rule.stage is not Stage.BASE)
        boxes = [tuple(sorted((name, *sorted(map(str, box))) for name, box in self._box(one))) for one in base]
        key = (name, *rest, *((one.rule.value, box) for one, box in zip(base, boxes, strict=True)))
        known = key in self._compared
        self._compared.add(key)
        return not known

    def _box(self, one: Contender) -> Iterator[tuple[str, frozenset[Value]]]:
        yield from self.universe.box(one.scope).items()

    def _climb(self, name: str, pair: Pair, contests: Sequence[Contest], suspected: Sequence[Contest]) -> None:
        word, words = next((word, words) for scale, word, words in SCALES if scale == name)
        known = [each for each in words if each in self.universe.values[name]]
        classes = self._classes(contests, without=(name, _AMOUNTS))
        for at in self._within_bounds(word, classes, len(known) - 1):
            for lower, higher in pairwise(known):
                totals = [self._total(pair, {**at, name: each}) for each in (lower, higher)]
                if totals[0] is not None and totals[1] is not None and totals[1] < totals[0]:
                    rules = self._differing(suspected, [{**at, name: each} for each in (lower, higher)])
                    self._tell(f"{word} {lower} to {higher}", pair, at, totals[0], totals[1], rules)

    def _multiply(self, pair: Pair, contests: Sequence[Contest], rules: Sequence[Rule]) -> None:
        most = pair.service.max_quantity
        for at in self._within_bounds(_QUANTITY, self._classes(contests, without=(_AMOUNTS,)), most - 1):
            totals = [self._total(pair, at, quantity) for quantity in range(1, most + 1)]
            for quantity, (before, after) in enumerate(pairwise(totals), start=1):
                if before is not None and after is not None and after < before:
                    self._tell(f"{_QUANTITY} {quantity} to {quantity + 1}", pair, at, before, after, rules)

    def _within_bounds(self, name: str, classes: _Classes, steps: int) -> Iterator[dict[str, Value]]:
        """Answer the situations of so many steps each, as far as there is room for them, and count both these and the others."""
        done, of = self._counts.get(name, 0), prod(map(len, classes.values()))
        taken = of if steps < 1 else min(of, max(0, self.enough - done) // steps)
        self._counts[name] = done + taken * steps
        if taken < of:
            self._left[name] = self._left.get(name, 0) + (of - taken) * steps
        yield from islice(_combined(classes), taken)

    def _total(self, pair: Pair, at: Situation, quantity: int = 1) -> Money | None:
        facts = situated(pair.device, pair.service.id, pair.service.name, at, quantity=quantity)
        try:
            return price(self.compiled, facts).total
        except NotOffered:
            return None

    def _differing(self, contests: Sequence[Contest], ats: Sequence[Situation]) -> Sequence[Rule]:
        """Name the rules that apply on one side of the step and not on the other."""
        found: dict[str, Rule] = {}
        for contest in contests:
            boxes = [self.universe.box(one.scope) for one in contest]
            before, after = ([one.rule for one in _holding(contest, boxes, at)] for at in ats)
            for rule in (*before, *after):
                if not (rule in before and rule in after):
                    found[rule.id] = rule
        return tuple(found.values())[:4]

    def _tell(self, step: str, pair: Pair, at: Situation, before: Money, after: Money, rules: Sequence[Rule]) -> None:
        key = (step, *sorted(rule.id for rule in rules))
        if key not in self._found:
            situation = said({name: (value,) for name, value in at.items() if value != USUAL[name]})
            message = (
                f"from {step} the total falls from {before} to {after}, such as {pair.service.name} for "
                f"{pair.device.name}{situation and ' '}{situation}"
            )
            self._found[key] = warning("falling_step", message, *rules)


def _combined(classes: _Classes) -> Iterator[dict[str, Value]]:
    for values in product(*classes.values()):
        yield {name: alike[0] for name, alike in zip(classes, values, strict=True)}


def _winner(contest: Contest, boxes: Sequence[Box], at: Mapping[str, Value]) -> Rule | None:
    return next((one.rule for one in _holding(contest, boxes, at) if not one.rule.stacks), None)


def _holding(contest: Contest, boxes: Sequence[Box], at: Mapping[str, Value]) -> Iterator[Contender]:
    """Answer those that hold, as far as a situation tells: the first that does not stack, and all that do."""
    won = False
    for one, box in zip(contest, boxes, strict=True):
        if all(name not in at or at[name] in allowed for name, allowed in box.items()) and (one.rule.stacks or not won):
            won = won or not one.rule.stacks
            yield one


def _counts_devices(rule: Rule) -> bool:
    """Whether the rule may look at how many are asked for: by quantity, or by the order's amount."""
    scope = rule.scope
    amounts = (scope.amount_from, scope.amount_until) != (None, None)
    counted = (scope.quantity_from, scope.quantity_until, scope.expression) != (None, None, None)
    return counted or (amounts and (rule.per is Per.ORDER or rule.stage is Stage.TAX))
