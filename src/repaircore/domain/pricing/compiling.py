"""From rules to programs: rules are indexed by device and service once, and resolved by context when first asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from typing import TypeVar

from attrs import evolve, field, frozen

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pieces import Pieces, at_once
from repaircore.domain.pricing.conditions import (
    HOUR,
    MONTH,
    WEEKDAY,
    Case,
    Context,
    Detail,
    Looks,
    is_price,
    item_tests,
    looks,
)
from repaircore.domain.pricing.contests import Candidate, choices, winners
from repaircore.domain.pricing.exact import whole
from repaircore.domain.pricing.facts import DeviceFacts, Facts
from repaircore.domain.pricing.lines import OFFERING, line_program
from repaircore.domain.pricing.program import LineProgram, OrderDiscounts, OrderProgram, Plan, Rivals
from repaircore.domain.pricing.projecting import Contest, Contests, Projection
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import LEGAL_ACTIONS, LINE_KINDS, Action, Per, Rule, Rulebook, Scope, Stage
from repaircore.domain.pricing.scoping import by_prefix_length, fits_year, rank
from repaircore.domain.pricing.ways import Way, Ways, ways

K = TypeVar("K")
V = TypeVar("V")

_RULES_IN_A_PIECE, _RULES_WITH_CONDITIONS = 32, 4
_MEMO = 50_000  # programs kept before starting afresh: bounds memory whatever customers ask

_TAX = Stage.TAX.value
_ORDER_FEES, _ORDER_DISCOUNTS, _ORDER_GROUPS = (
    f"{Stage.FEES} per order",
    f"{Stage.DISCOUNTS} per order",
    f"{Stage.DISCOUNTS} in groups per order",
)
_Key = tuple[str, str]
_Index = dict[_Key, dict[str, list[Candidate]]]
_PlanKey = tuple[DeviceFacts, tuple[str, ...], Context, tuple[Detail, ...]]
_LineKey = tuple[DeviceFacts, str, Way | None, Context, tuple[Detail, ...]]
_ContestsKey = tuple[DeviceFacts, str | tuple[str, ...], Way | None]  # a line's service, or all of an order
_OrderKey = tuple[DeviceFacts, tuple[str, ...], Way | None, Context, tuple[Detail, ...]]


@frozen(eq=False)
class CompiledRulebook:
    """A rulebook ready to price. Safe to share: what it remembers is only a cache of pure functions."""

    rulebook: Rulebook
    index: _Index
    of_orders: _Index  # those of them that are decided once per quote, and the taxes, which fees have too
    used: frozenset[int]  # which parts of the context any rule looks at
    prefix_length: int
    looks: Looks
    conditional: tuple[Rule, ...]  # all but the plain prices, which name no words
    ways: Ways | None
    hashes: list[str] = field(factory=list)
    plans: dict[_PlanKey, Plan] = field(factory=dict, init=False)
    lines: dict[_LineKey, LineProgram] = field(factory=dict, init=False)
    contests: dict[_ContestsKey, Contests] = field(factory=dict, init=False)
    shared: dict[tuple[int, ...], Contest] = field(factory=dict, init=False)
    orders: dict[_OrderKey, OrderProgram] = field(factory=dict, init=False)
    projections: dict[_ContestsKey, Projection] = field(factory=dict, init=False)
    offers: dict[tuple[DeviceFacts, str], tuple[Rule, ...]] = field(factory=dict, init=False)
    known: dict[str, frozenset[str]] = field(factory=dict, init=False)

    @property
    def content_hash(self) -> str:
        """Answer the hash of the rulebook's content, computed once."""
        if not self.hashes:
            self.hashes.append(content_hash(self.rulebook))
        return self.hashes[0]

    def words(self, dimension: str) -> frozenset[str]:
        """Answer the words a request may use for a scope field; gathered once."""
        if dimension not in self.known:
            self.known[dimension] = evolve(self.rulebook, rules=self.conditional).words(dimension)
        return self.known[dimension]

    def plan(self, facts: Facts) -> Plan:
        """Answer the plan for these facts. Raises NotOffered where a service has no base price."""
        services = tuple([item.service_id for item in facts.items])
        key = (facts.device, services, self._context(facts), self.looks.details(facts))
        plan = self.plans.get(key)
        if plan is None:
            _keep(self.plans, key, plan := self._new_plan(*key))
        return plan

    def cases(self, facts: Facts) -> Iterator[tuple[Contests, Case, bool]]:
        """Answer what decides each line, and at last, with True, what decides the order."""
        context, details = self._context(facts), self.looks.details(facts)
        services = [item.service_id for item in facts.items]
        for index, service in enumerate(services):
            yield self._contests(facts.device, service), Case(context, details[index : index + 1]), False
        yield self._contests(facts.device, tuple(sorted(set(services)))), Case(context, details), True

    def fitting(self, facts: Facts) -> tuple[Rule, ...]:
        """Answer the rules that could apply to such devices and services, in the order of the rulebook."""
        services = sorted({item.service_id for item in facts.items})
        contests = [
            self._contests(facts.device, tuple(services)),
            *(self._contests(facts.device, one) for one in services),
        ]
        places = {one.position for each in contests for contest in each.values() for one in contest}
        return tuple([self.rulebook.rules[place] for place in sorted(places)])

    def base_rules(self, device: DeviceFacts, service_id: str) -> tuple[Rule, ...]:
        """Answer what may price a service for a device, most specific first: base prices, then labour and parts."""
        found = self.offers.get((device, service_id))
        if found is None:
            contests = self._contests(device, service_id)
            found = tuple(candidate.rule for contest in OFFERING for candidate in contests.get(contest, ()))
            _keep(self.offers, (device, service_id), found)
        return found

    def _context(self, facts: Facts) -> Context:
        at, used, further = facts.local_time, self.used, self.looks
        context = (
            facts.customer_type,
            facts.urgency,
            facts.fulfilment,
            facts.channel,
            facts.condition,
            facts.complexity,
            facts.tier,
            facts.tax_status,
            facts.place,
            at.weekday() if WEEKDAY in used else 0,
            at.hour if HOUR in used else 0,
            at.month if MONTH in used else 0,
            facts.postcode[: self.prefix_length],
        )
        return (*context, *further.further(facts)) if further.readers else context

    def _new_plan(
        self, device: DeviceFacts, services: tuple[str, ...], context: Context, details: tuple[Detail, ...]
    ) -> Plan:
        case, known = Case(context, details), self.ways
        if known is None:
            return self._plan_in(None, device, services, case)
        of_order = self._contests(device, tuple(sorted(set(services))))
        contests = [of_order, *(self._contests(device, service) for service in services)]
        alone = [way for way in known.alone if any(_may_apply(way, each, case) for each in contests)]
        rivals = None
        if alone:
            plans = [self._plan_in(way, device, services, case) for way in (known.bare, *alone)]
            rivals = Rivals(plans[0], tuple(plans[1:]))
        return self._plan_in(known.usual, device, services, case, rivals)

    def _plan_in(
        self, way: Way | None, device: DeviceFacts, services: tuple[str, ...], case: Case, rivals: Rivals | None = None
    ) -> Plan:
        lines = tuple(
            self._line(index, device, service, Case(case.context, case.details[index : index + 1]), way)
            for index, service in enumerate(services)
        )
        return Plan(lines, self._order(device, tuple(sorted(set(services))), case, way), rivals)

    def _order(self, device: DeviceFacts, services: tuple[str, ...], case: Case, way: Way | None) -> OrderProgram:
        case = self._projection(device, services).case(case)
        key = (device, services, way, case.context, case.details)
        program = self.orders.get(key)
        if program is None:
            program = _order_program(self.rulebook, self._contests(device, services, way), case, self.looks.at_kinds)
            _keep(self.orders, key, program)
        return program

    def _line(self, index: int, device: DeviceFacts, service: str, case: Case, way: Way | None) -> LineProgram:
        case = self._projection(device, service).case(case)
        key = (device, service, way, case.context, case.details)
        program = self.lines.get(key)
        if program is None:
            program = line_program(
                self.rulebook,
                self._contests(device, service, way),
                case,
                device,
                service,
                pointer=f"/items/{index}/service_id",
                at_kinds=self.looks.at_kinds,
            )
            _keep(self.lines, key, program)
        return program

    def _contests(self, device: DeviceFacts, services: str | tuple[str, ...], way: Way | None = None) -> Contests:
        found = self.contests.get((device, services, way))
        if found is None:
            found = _allowed(way, self._contests(device, services)) if way else self._new_contests(device, services)
            _keep(self.contests, (device, services, way), found)
        return found

    def _projection(self, device: DeviceFacts, services: str | tuple[str, ...]) -> Projection:
        found = self.projections.get((device, services, None))
        if found is None:
            candidates = [one for contest in self._contests(device, services).values() for one in contest]
            _keep(self.projections, (device, services, None), found := Projection.of(candidates))
        return found

    def _new_contests(self, device: DeviceFacts, services: str | tuple[str, ...]) -> Contests:
        fitting = {id(candidate): candidate for candidate in self._looked_up(device, services)}
        contests: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in sorted(fitting.values(), key=lambda one: one.order):
            contests[candidate.contest].append(candidate)
        return {name: self._contest(found) for name, found in contests.items()}

    def _contest(self, candidates: list[Candidate]) -> Contest:
        """Answer the contest of these candidates: one for all devices and services for which they are the same."""
        key = tuple(map(id, candidates))  # the index holds them for as long as there is this rulebook
        found = self.shared.get(key)
        if found is None:
            _keep(self.shared, key, found := Contest(candidates))
        return found

    def _looked_up(self, device: DeviceFacts, services: str | tuple[str, ...]) -> Iterator[Candidate]:
        index, services = (self.index, (services,)) if isinstance(services, str) else (self.of_orders, services)
        for key in (
            ("model", device.id),
            (device.brand, device.category),
            (device.brand, ""),
            ("", device.category),
            ("", ""),
        ):
            by_service = index.get(key, {})
            for service in ("", *services):
                for candidate in by_service.get(service, ()):
                    scope = candidate.rule.scope
                    if (
                        fits_year(scope, device.year)
                        and scope.brand in ("", device.brand)
                        and scope.category in ("", device.category)
                    ):
                        yield candidate


def compile_rulebook(rulebook: Rulebook) -> CompiledRulebook:
    """Index the rules. Raises InvalidValue for a rule that its stage cannot run; `checks.py` finds the subtler faults."""
    return at_once(compiling(rulebook))


def compiling(rulebook: Rulebook, content_hash: str = "") -> Pieces[CompiledRulebook]:
    """Index the rules, some at a time; the hash of the content is computed later, unless it is known."""
    index: _Index = {}
    of_orders: _Index = {}
    others = []
    for position, rule in enumerate(rulebook.rules):
        if is_price(rule):
            _put(index, Candidate(rule, _rank_of_price(rule), position))
        else:
            others.append((position, rule))
        if position % _RULES_IN_A_PIECE == 0:
            yield
    looked_at = looks(rule for _, rule in others)
    used: set[int] = set()
    longest = 0
    for number, (position, rule) in enumerate(others):
        for scope in _parts(rule, rulebook.groups):
            candidate = _candidate(rule, scope, position, looked_at)
            used.update(place for place, _ in candidate.tests)
            longest = max((longest, *map(len, candidate.prefixes)))
            _put(index, candidate)
            if rule.per is Per.ORDER or rule.stage in (Stage.TAX, Stage.DEPOSIT):
                _put(of_orders, candidate)
        if number % _RULES_WITH_CONDITIONS == 0:
            yield
    conditional = tuple(rule for _, rule in others)
    hashes = [content_hash] if content_hash else []
    known = ways(rulebook)
    return CompiledRulebook(rulebook, index, of_orders, frozenset(used), longest, looked_at, conditional, known, hashes)


def _allowed(way: Way, contests: Contests) -> Contests:
    """Leave out the discounts that may not be taken; what a contest of other rules remembers is shared by all ways."""
    kept = {}
    for name, contest in contests.items():
        found = (
            contest
            if all(way.allows(one.rule) for one in contest)
            else Contest(one for one in contest if way.allows(one.rule))
        )
        if found:
            kept[name] = found
    return kept


def _may_apply(way: Way, contests: Contests, case: Case) -> bool:
    """Whether some discount of the way may hold for a line, or the order; amounts are not looked at."""
    return any(way.takes(one.rule) and one.holds(case) for contest in contests.values() for one in contest)


def _put(index: _Index, candidate: Candidate) -> None:
    scope = candidate.rule.scope
    for key in _device_keys(scope):
        by_service = index.setdefault(key, {})
        for service in scope.services or ("",):
            by_service.setdefault(service, []).append(candidate)


_PRICE_RANKS = {
    (models, services): rank(Scope(models=frozenset(models * "m"), services=frozenset(services * "s")))
    for models, services in product((False, True), repeat=2)
}


def _rank_of_price(rule: Rule) -> tuple[int, ...]:
    return _PRICE_RANKS[bool(rule.scope.models), bool(rule.scope.services)]


def per_order_is_legal(rule: Rule) -> bool:
    """Whether a rule of its stage and action can be for the order: a fee with an amount, or a discount."""
    return (rule.stage, rule.action) == (Stage.FEES, Action.ADD) or (
        rule.stage is Stage.DISCOUNTS and rule.action is not Action.MATCH
    )


def _parts(rule: Rule, groups: Collection[str]) -> Iterable[Scope]:
    if rule.action not in LEGAL_ACTIONS[rule.stage]:
        raise InvalidValue(f"rule {rule.id} cannot {rule.action} in the {rule.stage} stage")
    if rule.per is Per.ORDER and not per_order_is_legal(rule):
        raise InvalidValue(f"rule {rule.id}: only a fee with an amount, or a discount, can be per order")
    if rule.group and rule.group not in groups:
        raise InvalidValue(f"rule {rule.id}: there is no group {rule.group!r}")
    if (
        (rule.per is Per.ORDER and rule.stage is Stage.FEES)
        or rule.action is Action.ROUND_TO
        or (rule.stage is Stage.DEPOSIT and rule.action is not Action.PERCENT)
    ):
        whole(rule.value)
    if rule.action is Action.ROUND_TO and rule.value < 1:
        raise InvalidValue(f"rule {rule.id} must round to at least one minor unit")
    return (rule.scope,) if rule.stacks or rule.group else by_prefix_length(rule.scope)


def _device_keys(scope: Scope) -> Sequence[_Key]:
    if scope.models:
        return [("model", model) for model in scope.models]
    return [(scope.brand, scope.category)]


def _candidate(rule: Rule, scope: Scope, position: int, looked_at: Looks) -> Candidate:
    narrowed = rule if scope is rule.scope else evolve(rule, scope=scope)
    return Candidate(
        narrowed,
        rank(scope),
        position,
        tuple(looked_at.tests(rule, scope)),
        tuple(scope.postcode_prefixes),
        item_tests(rule, scope) if looked_at.at_items else (),
        scope.line_kinds,
    )


def _order_program(rulebook: Rulebook, contests: Contests, case: Case, at_kinds: bool) -> OrderProgram:
    deposit = [
        choices(winners(contests.get(f"{Stage.DEPOSIT}{bound}", ()), case, stacking=True), case)
        for bound in ("", f" {Action.MINIMUM}", f" {Action.MAXIMUM}")
    ]
    fees = (contests.get(_ORDER_FEES) or Contest()).steps(case)
    due = contests.get(_TAX) or Contest()
    return OrderProgram(
        fees=fees,
        taxes=due.taxes(case._replace(kind="fee")),
        deposit=deposit[0],
        deposit_minimum=deposit[1],
        deposit_maximum=deposit[2],
        discounts=_order_discounts(rulebook, contests, case),
        by_kind={kind: due.taxes(case._replace(kind=kind)) for kind in LINE_KINDS} if at_kinds else {},
    )


def _order_discounts(rulebook: Rulebook, contests: Contests, case: Case) -> OrderDiscounts | None:
    steps = (contests.get(_ORDER_DISCOUNTS) or Contest()).steps(case)
    in_groups = tuple(one.rule for one in contests.get(_ORDER_GROUPS, ()) if one.holds(case))
    return OrderDiscounts(steps, in_groups, rulebook.groups) if steps or in_groups else None


def _keep(memo: dict[K, V], key: K, value: V) -> None:
    if len(memo) >= _MEMO:
        memo.clear()
    memo[key] = value
