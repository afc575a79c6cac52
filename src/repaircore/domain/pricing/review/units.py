"""The contests that make a price, one after another, and what each comes to in every situation that its own rules tell apart."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from fractions import Fraction

from attrs import field, frozen

from repaircore.domain.pricing.conditions import Case
from repaircore.domain.pricing.contests import winners
from repaircore.domain.pricing.engine import CompiledRulebook
from repaircore.domain.pricing.exact import Step, run
from repaircore.domain.pricing.lines import COMPONENT_ACTIONS, OFFERING, capped
from repaircore.domain.pricing.projecting import Contest, Contests
from repaircore.domain.pricing.review.dimensions import At, Sight, looks_at_what_is_asked_for
from repaircore.domain.pricing.review.pairs import Pair
from repaircore.domain.pricing.review.quotes import Quotes
from repaircore.domain.pricing.rules import COMPONENTS, LINE_KINDS, GroupMode, Per, Rule, Rulebook, Stage

_FIRST = (Stage.BASE, *COMPONENTS)
_EARLY = (
    Stage.DEVICE_FACTOR,
    Stage.COMPLEXITY,
    Stage.CONDITION,
    Stage.URGENCY,
    Stage.MARKET,
    Stage.SEASON,
    Stage.FEES,
)
_ZERO = (0, 1)


@frozen(eq=False)
class Unit:
    """A contest that works on an amount. `told` remembers what it comes to."""

    stage: Stage
    contest: Contest
    per_order: bool
    sight: Sight
    told: dict[Hashable, "Outcome"] = field(factory=dict, init=False)

    @classmethod
    def of(cls, contest: Contest, *, per_order: bool) -> "Unit":
        """Gather what its rules look at."""
        rules = [one.rule for one in contest]
        return cls(rules[0].stage, contest, per_order, Sight.of(rules))

    @property
    def has_windows(self) -> bool:
        """Whether amounts decide who applies."""
        return any((one.choice.amount_from, one.choice.amount_until) != (None, None) for one in self.contest)


@frozen
class Outcome:
    """What a contest comes to in a situation: equal where it does the same to every amount."""

    does: Hashable
    steps: tuple[Step, ...] = field(default=(), eq=False)
    rules: tuple[Rule, ...] = field(default=(), eq=False)


@frozen(eq=False)
class Pipeline:
    """The contests of one service for one device: those that give a line its first amount, those that change it until discounts
    are looked at, and all that follow. `cases` decide in a situation."""

    compiled: CompiledRulebook
    quotes: Quotes
    pair: Pair
    first: Sight
    early: tuple[Unit, ...]
    late: tuple[Unit, ...]
    contests: Contests

    @classmethod
    def of(cls, compiled: CompiledRulebook, quotes: Quotes, pair: Pair, known: dict[Hashable, Unit]) -> "Pipeline":
        """Look the contests up; `known` are the units that other pairs have too, by the contest's identity."""
        (line, _, _), (order, _, _) = compiled.cases(quotes.facts(pair, {}))
        mine = [contest for contest in line.values() if not _of_order(contest)]
        units = [
            _known(known, contest, pair, per_order=False) for contest in mine if contest[0].rule.stage not in _FIRST
        ]
        of_order = [each for each in order.values() if _of_order(each) and each[0].rule.stage is not Stage.DEPOSIT]
        units += [_known(known, contest, pair, per_order=True) for contest in of_order]
        first = Sight.of(one.rule for each in mine if each[0].rule.stage in _FIRST for one in each)
        early = [unit for stage in _EARLY for unit in units if unit.stage is stage and not unit.per_order]
        late = [unit for unit in units if unit not in early]
        return cls(compiled, quotes, pair, first, tuple(early), tuple(late), line)

    def outcome(self, unit: Unit, at: At) -> Outcome:
        """Answer what the contest comes to in a situation."""
        key = unit.sight.kinds(at)
        found = unit.told.get(key)
        if found is None:
            found = unit.told[key] = _outcome(unit, self._case(at, unit.per_order), self.compiled.rulebook)
        return found

    def start(self, at: At) -> tuple[Fraction, Hashable] | None:
        """Answer the line's first amount, with what it is made of where taxes ask for that; None where nothing gives a price."""
        case = self._case(at, per_order=False)
        if not any(winners(self.contests.get(name, ()), case) for name in OFFERING):
            return None
        parts = self.contests.get(OFFERING[-1], ())
        if any(one.rule.scope.grades for one in parts) and not winners(parts, case):
            return None
        amounts = [self._sum((OFFERING[0],), case)]
        amounts += [self._sum([f"{stage} {action}" for action in COMPONENT_ACTIONS], case) for stage in COMPONENTS]
        return sum(amounts, start=Fraction(0)), tuple(amounts) if self.compiled.looks.at_kinds else ()

    def _sum(self, names: Iterable[str], case: Case) -> Fraction:
        amount = _ZERO
        for name in names:
            if name in self.contests:
                amount = run(self.contests[name].steps(case), *amount)
        return Fraction(*amount)

    def _case(self, at: At, per_order: bool) -> Case:
        line, order = self.compiled.cases(self.quotes.facts(self.pair, at))
        return order[1] if per_order else line[1]


def changed(unit: Unit, outcome: Outcome, amount: Fraction, rulebook: Rulebook) -> Fraction:
    """Answer the amount after an early contest."""
    after = Fraction(*run(outcome.steps, amount.numerator, amount.denominator))
    return capped(rulebook, amount, after) if unit.stage is Stage.MARKET else after


def _of_order(contest: Contest) -> bool:
    rule = contest[0].rule
    return rule.per is Per.ORDER or rule.stage is Stage.DEPOSIT


def _known(known: dict[Hashable, Unit], contest: Contest, pair: Pair, *, per_order: bool) -> Unit:
    told = any(looks_at_what_is_asked_for(one.rule) for one in contest)
    key = (id(contest), pair.device if told else None, pair.service.id if told else "")
    if key not in known:
        known[key] = Unit.of(contest, per_order=per_order)
    return known[key]


def _outcome(unit: Unit, case: Case, rulebook: Rulebook) -> Outcome:
    if unit.stage is Stage.TAX:
        return _taxed(unit.contest, case)
    if unit.contest[0].rule.group:
        return _grouped([one.rule for one in unit.contest if one.holds(case)], rulebook)
    steps = unit.contest.steps(case)
    rules = tuple(option.rule for step in steps for option in step if option.rule)
    kinds = tuple(rule.kind for rule in rules) if unit.per_order else ()
    does = tuple(tuple((*option[:5], option.bounds) for option in step) for step in steps)
    return Outcome((kinds, does) if does else (), steps, rules)


def _grouped(rules: Sequence[Rule], rulebook: Rulebook) -> Outcome:
    """Of a group's rules, leave out those that never are the best of it."""
    kept = [rule for rule in rules if not any(_outdoes(other, rule, rulebook) for other in rules)]
    does = {
        (one.group, one.action, one.value, one.limit, one.scope.amount_from, one.scope.amount_until) for one in kept
    }
    return Outcome(frozenset(does), rules=tuple(kept))


def _outdoes(one: Rule, other: Rule, rulebook: Rulebook) -> bool:
    """Whether of the two in one group, percentages both, the second never is better."""
    plain = all(
        rule.action == "percent" and (rule.limit, rule.scope.amount_from, rule.scope.amount_until) == (None, None, None)
        for rule in (one, other)
    )
    alike = one.group == other.group and rulebook.groups[one.group] is not GroupMode.SEQUENTIAL
    return plain and alike and (one.value, one.id) < (other.value, other.id)


def _taxed(contest: Contest, case: Case) -> Outcome:
    """Taxes that are inside the price change no total, but for those who are relieved of them."""
    found = tuple(_rates(contest, case._replace(kind=kind)) for kind in LINE_KINDS)
    return Outcome(found if any(found) else ())


def _rates(contest: Contest, case: Case) -> Hashable:
    due = contest.taxes(case)
    told = tuple(
        tuple((option.amount_from, option.amount_until, tax.key, tax.relieves) for option, tax in step)
        for taxes in (due, due.ordinary)
        if taxes
        for step in taxes.steps
    )
    charged = any(tax.relieves or not tax.inclusive for step in due.steps for _, tax in step)
    return told if charged else ()


def rules_of(units: Iterable[Unit]) -> Iterator[Rule]:
    """Answer the rules of these contests."""
    return (one.rule for unit in units for one in unit.contest)
