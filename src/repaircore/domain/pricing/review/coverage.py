"""What a rulebook leaves out and what in it does nothing: gaps, unreachable rules, shadowed rules. Exhaustive and exact."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, evolve, field

from repaircore.domain.pricing.overlaps import Contender
from repaircore.domain.pricing.problems import Problem, Severity, named, placed, places_of, warning
from repaircore.domain.pricing.review.boxes import EVERYTHING, Universe, is_plain, meet
from repaircore.domain.pricing.review.pairs import PRICED_BY, Pair
from repaircore.domain.pricing.review.situations import said
from repaircore.domain.pricing.rules import Action, Rule, Rulebook

_NAMED = 5
_Gap = tuple[str, str, str]  # the service, the category, and in which situation there is no price


@define
class Coverage:
    """Looks at every device with every service, one pair after the other, and then says what was found."""

    rulebook: Rulebook
    universe: Universe
    places: Mapping[str, str] = field(factory=dict)
    _near: dict[_Gap, Sequence[Rule]] = field(factory=dict, init=False)
    _unpriced: dict[_Gap, list[str]] = field(factory=lambda: defaultdict(list), init=False)
    _candidates: set[int] = field(factory=set, init=False)
    _reached: set[int] = field(factory=set, init=False)
    _covers: dict[int, tuple[Rule, ...]] = field(factory=dict, init=False)
    _seen: dict[int, tuple[Contender, ...]] = field(
        factory=dict, init=False
    )  # the contests, kept so that ids stay theirs

    def look_at(self, pair: Pair) -> bool:
        """Note what the pair tells; answer whether it can be quoted at all."""
        prices = pair.prices
        if not prices:
            if not pair.service.needs_price:
                self._note(pair, "", ())
            return False
        boxes = [self.universe.box(one.scope) for one in prices if is_plain(one.rule)]
        gap = self.universe.uncovered(EVERYTHING, boxes)
        if gap is not None and boxes:
            self._note(pair, said({name: sorted(values, key=str) for name, values in gap.items()}), prices)
        for contest in pair.contests.values():
            if id(contest) not in self._seen:
                self._seen[id(contest)] = contest
                self._look_at_contest(contest)
        return True

    def problems(self, known: Iterable[Problem] = ()) -> Iterator[Problem]:
        """Tell what was found. Rules that a `known` problem already calls unreachable or wrong are not told again."""
        told = {
            rule for one in known if one.code == "unreachable" or one.severity is Severity.ERROR for rule in one.rules
        }
        for gap, devices in self._unpriced.items():
            near = self._near[gap] or self._elsewhere(gap)
            yield _gap(gap, devices, tuple(near)[:_NAMED], self.places.get(gap[0], ""))
        for rule in self.rulebook.rules:
            if rule.id in told or id(rule) in self._reached:
                continue
            if id(rule) not in self._candidates:
                yield warning("unreachable", "no service that is offered and priced is in its scope", rule)
            elif covers := self._covers.get(id(rule)):
                yield warning(
                    "shadowed", "the first never applies: wherever it could, a more specific one does", rule, *covers
                )

    def _note(self, pair: Pair, when: str, prices: Sequence[Contender]) -> None:
        gap = (pair.service.id, pair.device.category, when)
        self._unpriced[gap].append(pair.device.id)
        if gap not in self._near:
            self._near[gap] = [one.rule for one in prices]

    def _elsewhere(self, gap: _Gap) -> Sequence[Rule]:
        """Answer the rule that prices the service for other devices, one for the same category before any other."""
        service, category, _ = gap
        pricing = (rule for rule in self.rulebook.rules if rule.stage in PRICED_BY and rule.action is Action.SET)
        found = [rule for rule in pricing if not rule.scope.services or service in rule.scope.services]
        return sorted(found, key=lambda rule: (rule.scope.category != category, bool(rule.scope.models)))[:1]

    def _look_at_contest(self, contest: Sequence[Contender]) -> None:
        """One rule wins where it holds and no more specific one does; those that stack or share a group all may apply."""
        rivals: list[Contender] = []
        for one in contest:
            self._candidates.add(id(one.rule))
            if one.rule.stacks or one.rule.group:
                self._reached.add(id(one.rule))
                continue
            if id(one.rule) not in self._reached:
                self._hold_against(one, rivals)
            if is_plain(one.rule):
                rivals.append(one)

    def _hold_against(self, one: Contender, rivals: Sequence[Contender]) -> None:
        box = self.universe.box(one.scope)
        boxes = [self.universe.box(rival.scope) for rival in rivals]
        if self.universe.uncovered(box, boxes) is not None:
            self._reached.add(id(one.rule))
        elif id(one.rule) not in self._covers:
            met = (rival.rule for rival, cover in zip(rivals, boxes, strict=True) if meet(box, cover))
            self._covers[id(one.rule)] = tuple(rule for rule, _ in zip(met, range(_NAMED), strict=False))


def _gap(gap: _Gap, devices: Sequence[str], near: Sequence[Rule], place: str) -> Problem:
    service, category, when = gap
    these = ", ".join(devices[:_NAMED]) + (f" and {len(devices) - _NAMED} more" if len(devices) > _NAMED else "")
    count = "one device" if len(devices) == 1 else f"{len(devices)} devices"
    code, lack = ("gap", f"has no price {when}") if when else ("no_price", "has no price")
    by = " and ".join(map(named, near))
    others = f"; in other situations it has one by {by}" if when else f"; for other devices it has one by {by}"
    told = warning(
        code,
        f"service {placed(repr(service), place)} is offered for {category} but {lack} for {count}: {these}{others if near else ''}",
    )
    places = (*((place,) if place else ()), *places_of(near))
    return evolve(told, rules=tuple(rule.id for rule in near), places=places)
