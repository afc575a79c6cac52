"""From rules to programs: rules are indexed by device and service once, and resolved by context when first asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeVar

from attrs import evolve, field, frozen

from repaircore.domain.errors import InvalidValue, NotOffered
from repaircore.domain.pricing.exact import WHOLE_MINOR_UNIT, Choice, Step, choice, folded, whole
from repaircore.domain.pricing.facts import DeviceFacts, Facts
from repaircore.domain.pricing.matching import WORDS, by_prefix_length, fits_year, has_hours, hours, specificity
from repaircore.domain.pricing.program import LineProgram, OrderProgram, Plan, Tax, Taxes
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import LEGAL_ACTIONS, Action, Per, Rule, Rulebook, Scope, Stage

K = TypeVar("K")
V = TypeVar("V")

_WEEKDAY, _HOUR, _MONTH, _POSTCODE = range(len(WORDS), len(WORDS) + 4)
_MEMO = 100_000  # programs kept before starting afresh: bounds memory whatever customers ask

_LINE_STAGES = tuple(stage for stage in Stage if stage not in (Stage.TAX, Stage.DEPOSIT))
_ROUNDING = Stage.ROUNDING.value
_BASE = Stage.BASE.value
_TAX = Stage.TAX.value
_ORDER_FEES = f"{Stage.FEES} per order"

Context = tuple[str | int, ...]  # the facts that conditions look at: the words, then weekday, hour, month, postcode


@frozen(eq=False)
class Candidate:
    """A rule whose device and service fit, with the conditions that still depend on the quote."""

    rule: Rule
    rank: int  # the order of winning: most specific first
    position: int  # the order in the rulebook
    choice: Choice
    tests: tuple[tuple[int, frozenset[str] | frozenset[int]], ...]
    prefixes: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """Whether everything but the amount window holds."""
        if self.prefixes and not str(context[_POSTCODE]).startswith(self.prefixes):
            return False
        return all(context[index] in allowed for index, allowed in self.tests)


Contests = dict[str, list[Candidate]]
_Key = tuple[str, str]


@frozen(eq=False)
class CompiledRulebook:
    """A rulebook ready to price. Safe to share: what it remembers is only a cache of pure functions."""

    rulebook: Rulebook
    index: dict[_Key, dict[str, list[Candidate]]]
    used: frozenset[int]  # which parts of the context any rule looks at
    prefix_length: int
    plans: dict[tuple[DeviceFacts, tuple[str, ...], Context], Plan] = field(factory=dict, init=False)
    contests: dict[tuple[DeviceFacts, tuple[str, ...]], Contests] = field(factory=dict, init=False)
    hashes: list[str] = field(factory=list, init=False)
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
            self.known[dimension] = self.rulebook.words(dimension)
        return self.known[dimension]

    def plan(self, facts: Facts) -> Plan:
        """Answer the plan for these facts. Raises NotOffered where a service has no base price."""
        services = tuple([item.service_id for item in facts.items])
        key = (facts.device, services, self._context(facts))
        plan = self.plans.get(key)
        if plan is None:
            _keep(self.plans, key, plan := self._new_plan(*key))
        return plan

    def base_rules(self, device: DeviceFacts, service_id: str) -> tuple[Rule, ...]:
        """Answer the base prices that may apply to a service for a device, most specific first."""
        return tuple(candidate.rule for candidate in self._contests(device, (service_id,)).get(_BASE, ()))

    def _context(self, facts: Facts) -> Context:
        at, used = facts.local_time, self.used
        return (
            facts.customer_type,
            facts.urgency,
            facts.fulfilment,
            facts.channel,
            facts.condition,
            facts.complexity,
            at.weekday() if _WEEKDAY in used else 0,
            at.hour if _HOUR in used else 0,
            at.month if _MONTH in used else 0,
            facts.postcode[: self.prefix_length],
        )

    def _new_plan(self, device: DeviceFacts, services: tuple[str, ...], context: Context) -> Plan:
        lines = tuple(
            _line_program(self._contests(device, (service,)), context, f"/items/{index}/service_id", device, service)
            for index, service in enumerate(services)
        )
        return Plan(lines, _order_program(self._contests(device, tuple(sorted(set(services)))), context))

    def _contests(self, device: DeviceFacts, services: tuple[str, ...]) -> Contests:
        found = self.contests.get((device, services))
        if found is None:
            _keep(self.contests, (device, services), found := self._new_contests(device, services))
        return found

    def _new_contests(self, device: DeviceFacts, services: tuple[str, ...]) -> Contests:
        fitting = {id(candidate): candidate for candidate in self._looked_up(device, services)}
        contests: Contests = defaultdict(list)
        for candidate in sorted(fitting.values(), key=lambda one: one.rank):
            contests[candidate.rule.contest].append(candidate)
        return dict(contests)

    def _looked_up(self, device: DeviceFacts, services: tuple[str, ...]) -> Iterator[Candidate]:
        for key in (
            ("model", device.id),
            (device.brand, device.category),
            (device.brand, ""),
            ("", device.category),
            ("", ""),
        ):
            by_service = self.index.get(key, {})
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
    parts = [(position, rule, scope) for position, rule in enumerate(rulebook.rules) for scope in _parts(rule)]
    parts.sort(key=lambda part: part[1].id)
    parts.sort(key=lambda part: specificity(part[2]), reverse=True)
    index: dict[_Key, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    used: set[int] = set()
    for rank, (position, rule, scope) in enumerate(parts):
        candidate = _candidate(rule, scope, rank, position)
        used.update(index for index, _ in candidate.tests)
        for key, service in product(_device_keys(scope), scope.services or ("",)):
            index[key][service].append(candidate)
    longest = max((len(prefix) for rule in rulebook.rules for prefix in rule.scope.postcode_prefixes), default=0)
    plain = {key: dict(by_service) for key, by_service in index.items()}
    return CompiledRulebook(rulebook, plain, frozenset(used), longest)


def _parts(rule: Rule) -> Iterable[Scope]:
    if rule.action not in LEGAL_ACTIONS[rule.stage]:
        raise InvalidValue(f"rule {rule.id} cannot {rule.action} in the {rule.stage} stage")
    if rule.per is Per.ORDER and (rule.stage is not Stage.FEES or rule.action is not Action.ADD):
        raise InvalidValue(f"rule {rule.id}: only a fee with an amount can be charged per order")
    if (
        rule.per is Per.ORDER
        or rule.action is Action.ROUND_TO
        or (rule.stage is Stage.DEPOSIT and rule.action is not Action.PERCENT)
    ):
        whole(rule.value)
    if rule.action is Action.ROUND_TO and rule.value < 1:
        raise InvalidValue(f"rule {rule.id} must round to at least one minor unit")
    return (rule.scope,) if rule.stacks else by_prefix_length(rule.scope)


def _device_keys(scope: Scope) -> Sequence[_Key]:
    if scope.models:
        return [("model", model) for model in scope.models]
    return [(scope.brand, scope.category)]


def _candidate(rule: Rule, scope: Scope, rank: int, position: int) -> Candidate:
    tests: list[tuple[int, frozenset[str] | frozenset[int]]] = [
        (index, allowed) for index, (name, _, _) in enumerate(WORDS) if (allowed := getattr(scope, name))
    ]
    if scope.weekdays:
        tests.append((_WEEKDAY, scope.weekdays))
    if has_hours(scope):
        tests.append((_HOUR, hours(scope)))
    if scope.months:
        tests.append((_MONTH, scope.months))
    narrowed = rule if scope is rule.scope else evolve(rule, scope=scope)
    return Candidate(narrowed, rank, position, choice(rule), tuple(tests), tuple(scope.postcode_prefixes))


def _line_program(contests: Contests, context: Context, pointer: str, device: DeviceFacts, service: str) -> LineProgram:
    if not _winners(contests.get(_BASE, []), context):
        raise NotOffered(f"{service} is not offered for {device.name}", pointer=pointer)
    steps: list[Step] = []
    for stage in _LINE_STAGES:
        for contest in _contests_of(stage):
            steps += [_choices(step) for step in _resolved(contests.get(contest, []), context)]
    last = _winners(contests.get(_ROUNDING, []), context)
    if not last or _open_ended(last[-1]) is None:
        steps.append((WHOLE_MINOR_UNIT,))
    return LineProgram(folded(tuple(steps)), _taxes(contests, context))


def _contests_of(stage: Stage) -> tuple[str, ...]:
    if stage is Stage.FLOOR_CAP:
        return f"{stage} {Action.MINIMUM}", f"{stage} {Action.MAXIMUM}"
    return (stage.value,)


def _order_program(contests: Contests, context: Context) -> OrderProgram:
    deposit = [
        _choices(_winners(contests.get(f"{Stage.DEPOSIT}{bound}", []), context, stacking=True))
        for bound in ("", f" {Action.MINIMUM}", f" {Action.MAXIMUM}")
    ]
    fees = tuple(_choices(step) for step in _resolved(contests.get(_ORDER_FEES, []), context))
    return OrderProgram(fees, _taxes(contests, context), *deposit)


def _taxes(contests: Contests, context: Context) -> Taxes:
    steps = (
        tuple((one.choice, Tax(one.rule.label or one.rule.id, one.rule.value, one.rule.inclusive)) for one in step)
        for step in _resolved(contests.get(_TAX, []), context)
    )
    return Taxes(tuple(steps))


def _resolved(candidates: list[Candidate], context: Context) -> list[list[Candidate]]:
    """Decide a contest for a context: the winner's step (with its rivals where amounts decide), then those that stack."""
    stacking = [one for one in candidates if one.rule.stacks and one.holds(context)]
    stacking.sort(key=lambda one: one.position)
    winners = _winners(candidates, context)
    return ([winners] if winners else []) + [[one] for one in stacking]


def _winners(candidates: list[Candidate], context: Context, *, stacking: bool = False) -> list[Candidate]:
    winners = []
    for one in candidates:
        if (stacking or not one.rule.stacks) and one.holds(context):
            winners.append(one)
            if _open_ended(one) is not None:
                break
    return winners


def _open_ended(one: Candidate) -> Candidate | None:
    return one if one.choice.amount_from is None and one.choice.amount_until is None else None


def _choices(step: list[Candidate]) -> Step:
    return tuple(one.choice for one in step)


def _keep(memo: dict[K, V], key: K, value: V) -> None:
    if len(memo) >= _MEMO:
        memo.clear()
    memo[key] = value
