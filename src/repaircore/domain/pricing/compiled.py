"""A rulebook ready to price: what may apply is looked up, what holds in a context is worked out when first asked for."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from attrs import evolve, field, frozen

from repaircore.domain.pricing.conditions import HOUR, MONTH, WEEKDAY, Case, Context, Detail, Looks
from repaircore.domain.pricing.contests import Candidate
from repaircore.domain.pricing.facts import DeviceFacts, Facts
from repaircore.domain.pricing.indexing import Index, in_order
from repaircore.domain.pricing.lines import OFFERING, line_program
from repaircore.domain.pricing.orders import order_program
from repaircore.domain.pricing.program import LineProgram, OrderProgram, Plan, Rivals
from repaircore.domain.pricing.projecting import Contest, Contests, Table
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rule, Rulebook
from repaircore.domain.pricing.scoping import fits_device
from repaircore.domain.pricing.ways import Way, Ways

K = TypeVar("K")
V = TypeVar("V")

_MEMO = 50_000  # programs kept before starting afresh: bounds memory whatever customers ask

_PlanKey = tuple[DeviceFacts, tuple[str, ...], Context, tuple[Detail, ...]]
_Asked = str | tuple[str, ...]  # a line's service, or those of an order that its rules name
_ProgramKey = tuple[Table, Hashable]  # who competes, and what they look at


@frozen(eq=False)
class CompiledRulebook:
    """A rulebook ready to price. Safe to share: what it remembers is only a cache of pure functions."""

    rulebook: Rulebook
    of_lines: Index
    of_orders: Index  # what is decided once per quote, and the taxes, which fees have too
    used: frozenset[int]  # which parts of the context any rule looks at
    prefix_length: int
    looks: Looks
    conditional: tuple[Rule, ...]  # all but the plain prices, which name no words
    ways: Ways | None
    hashes: list[str] = field(factory=list)
    plans: dict[_PlanKey, Plan] = field(factory=dict, init=False)
    lines: dict[_ProgramKey, LineProgram] = field(factory=dict, init=False)
    orders: dict[_ProgramKey, OrderProgram] = field(factory=dict, init=False)
    tables: dict[tuple[DeviceFacts, _Asked, Way | None], Table] = field(factory=dict, init=False)
    shared: dict[tuple[int, ...], Table] = field(factory=dict, init=False)
    merged: dict[tuple[int, ...], Contest] = field(factory=dict, init=False)
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
            yield self._table(facts.device, service).contests, Case(context, details[index : index + 1]), False
        yield self._of_order(facts.device, services).contests, Case(context, details), True

    def fitting(self, facts: Facts) -> tuple[Rule, ...]:
        """Answer the rules that could apply to such devices and services, in the order of the rulebook."""
        services = {item.service_id for item in facts.items}
        tables = [self._of_order(facts.device, services), *(self._table(facts.device, one) for one in services)]
        places = {one.position for table in tables for contest in table.contests.values() for one in contest}
        return tuple([self.rulebook.rules[place] for place in sorted(places)])

    def base_rules(self, device: DeviceFacts, service_id: str) -> tuple[Rule, ...]:
        """Answer what may price a service for a device, most specific first: base prices, then labour and parts."""
        found = self.offers.get((device, service_id))
        if found is None:
            contests = self._table(device, service_id).contests
            found = tuple(one.rule for name in OFFERING for one in contests.get(name, ()))
            _keep(self.offers, (device, service_id), found)
        return found

    def forget(self, *, answers_alone: bool = False) -> None:
        """Forget what was worked out for jobs; with `answers_alone`, all but what competes and who won."""
        for programs in (self.plans, self.lines, self.orders):
            programs.clear()
        if answers_alone:
            return
        for table in self.shared.values():
            for contest in table.contests.values():
                contest.forget()
        for found in (self.tables, self.shared, self.merged, self.offers):
            found.clear()

    def forget_beyond(self, most: int) -> None:
        """Forget what more than so many jobs have left behind."""
        for memory in (self.plans, self.lines, self.orders, self.tables, self.shared):
            if len(memory) > most:
                memory.clear()

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
        tables = [self._of_order(device, services), *(self._table(device, service) for service in services)]
        alone = [way for way in known.alone if any(_may_apply(way, table, case) for table in tables)]
        rivals = None
        if alone:
            plans = [self._plan_in(way, device, services, case) for way in (known.bare, *alone)]
            rivals = Rivals(plans[0], tuple(plans[1:]))
        return self._plan_in(known.usual, device, services, case, rivals)

    def _plan_in(
        self, way: Way | None, device: DeviceFacts, services: tuple[str, ...], case: Case, rivals: Rivals | None = None
    ) -> Plan:
        lines = [
            self._line(index, device, service, Case(case.context, case.details[index : index + 1]), way)
            for index, service in enumerate(services)
        ]
        return Plan(tuple(lines), self._order(device, services, case, way), rivals)

    def _order(self, device: DeviceFacts, services: tuple[str, ...], case: Case, way: Way | None) -> OrderProgram:
        table = self._of_order(device, services, way)
        key = (table, table.projection.key(case))
        program = self.orders.get(key)
        if program is None:
            program = order_program(self.rulebook, table.contests, case, at_kinds=self.looks.at_kinds)
            _keep(self.orders, key, program)
        return program

    def _line(self, index: int, device: DeviceFacts, service: str, case: Case, way: Way | None) -> LineProgram:
        table = self._table(device, service, way)
        key = (table, table.projection.key(case))
        program = self.lines.get(key)
        if program is None:
            program = line_program(
                self.rulebook,
                table.contests,
                case,
                device,
                service,
                pointer=f"/items/{index}/service_id",
                at_kinds=self.looks.at_kinds,
            )
            _keep(self.lines, key, program)
        return program

    def _of_order(self, device: DeviceFacts, services: Collection[str], way: Way | None = None) -> Table:
        named = self.of_orders.services
        return self._table(device, tuple(sorted(named.intersection(services))) if named else (), way)

    def _table(self, device: DeviceFacts, services: _Asked, way: Way | None = None) -> Table:
        found = self.tables.get((device, services, way))
        if found is None:
            contests = self._allowed(way, device, services) if way else self._looked_up(device, services)
            _keep(self.tables, (device, services, way), found := self._shared(contests))
        return found

    def _looked_up(self, device: DeviceFacts, services: _Asked) -> Contests:
        index, services = (self.of_lines, (services,)) if isinstance(services, str) else (self.of_orders, services)
        parts: dict[str, list[Contest]] = defaultdict(list)
        for block in index.found(device, services):
            for name, contest in block.items():
                parts[name].append(contest)
        return {name: contest for name, each in parts.items() if (contest := self._merged(each, device))}

    def _merged(self, parts: list[Contest], device: DeviceFacts) -> Contest:
        if len(parts) == 1 and not parts[0].looks_at_devices:
            return parts[0]
        candidates = dict.fromkeys(chain.from_iterable(parts))
        return self._contest(one for one in candidates if fits_device(one.rule.scope, device))

    def _allowed(self, way: Way, device: DeviceFacts, services: _Asked) -> Contests:
        """Leave out the discounts that may not be taken."""
        contests = self._table(device, services).contests.items()
        allowed = ((name, [one for one in contest if way.allows(one.rule)]) for name, contest in contests)
        return {name: self._contest(found) for name, found in allowed if found}

    def _contest(self, candidates: Iterable[Candidate]) -> Contest:
        """Answer the contest of these candidates: one for all devices and services for which they are the same."""
        ordered = sorted(candidates, key=in_order)
        key = tuple(map(id, ordered))  # the index holds them for as long as there is this rulebook
        found = self.merged.get(key)
        if found is None:
            _keep(self.merged, key, found := Contest(ordered))
        return found

    def _shared(self, contests: Contests) -> Table:
        """Answer the table of these contests: one for all devices and services for which they are the same."""
        key = tuple(map(id, contests.values()))  # the table holds them for as long as it is remembered
        found = self.shared.get(key)
        if found is None:
            _keep(self.shared, key, found := Table(contests))
        return found


def _may_apply(way: Way, table: Table, case: Case) -> bool:
    """Whether some discount of the way may hold for a line, or the order; amounts are not looked at."""
    return any(way.takes(one.rule) and one.holds(case) for contest in table.contests.values() for one in contest)


def _keep(memo: dict[K, V], key: K, value: V) -> None:
    if len(memo) >= _MEMO:
        memo.clear()
    memo[key] = value
