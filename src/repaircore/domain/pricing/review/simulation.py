"""What a change would have meant for real quotes: who pays more or less, by rule, by segment, in total, and in the worst case.

Quotes are counted one by one and forgotten, so any number of them fits into the same memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappush, heappushpop

from attrs import define, field, frozen

from repaircore.domain.errors import NotOffered
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quote import Priced
from repaircore.domain.pricing.review.winning import contested, differing
from repaircore.domain.pricing.rules import Rulebook

WORST = 10
_REMEMBERED = 5_000  # programs of jobs that are alike: enough for what is asked for often, in little memory
WIDTH, FURTHEST = 5, 50
"""The histogram's bars are that many percent wide, up to the furthest; beyond it is one bar on each side."""


@frozen(kw_only=True)
class Given:
    """A price that was given: the facts, the result, and the version of the rulebook behind it."""

    id: str
    facts: Facts
    priced: Priced
    rulebook_version: str


@define
class Sums:
    """How many of a kind, how many of them pay more or less, and what they paid and would pay, in minor units."""

    count: int = 0
    more: int = 0
    less: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        """Count one."""
        self.count += 1
        self.more += after > before
        self.less += after < before
        self.before += before
        self.after += after


@frozen(order=True)
class Case:
    """One quote whose price changes."""

    change: int
    id: str
    before: int
    after: int


@frozen(kw_only=True)
class Simulation:
    """What came of it. `not_offered` quotes could not be made any more; they are in no sum. `segments` holds, for category,
    service, urgency and customer type, the sums by word; a service's sums are of its lines. `rules` holds the quotes whose
    price changes by the rules that apply on one side and not, or otherwise, on the other; a quote may be in several.
    `histogram` counts by percent."""

    currency: str
    total: Sums
    not_offered: int
    segments: Mapping[str, Mapping[str, Sums]]
    rules: Mapping[str, Sums]
    dearest: Sequence[Case]
    cheapest: Sequence[Case]
    histogram: Mapping[int, int]


@define
class Simulator:
    """Prices what was given once more under the candidate, and counts."""

    candidate: CompiledRulebook
    published: Mapping[str, Rulebook]
    _total: Sums = field(factory=Sums, init=False)
    _not_offered: int = field(default=0, init=False)
    _segments: dict[str, dict[str, Sums]] = field(factory=dict, init=False)
    _rules: dict[str, Sums] = field(factory=dict, init=False)
    _dearest: list[Case] = field(factory=list, init=False)
    _cheapest: list[Case] = field(factory=list, init=False)
    _histogram: dict[int, int] = field(factory=dict, init=False)
    _compiled: dict[str, CompiledRulebook | None] = field(factory=dict, init=False)
    _contests: dict[str, frozenset[str]] = field(factory=dict, init=False)

    def add(self, given: Given) -> None:
        """Count one. Prices in another currency than the candidate's are not comparable and are left out."""
        if given.priced.total.currency != self.candidate.rulebook.currency:
            return
        self.candidate.forget_beyond(_REMEMBERED)
        try:
            priced = price(self.candidate, given.facts)
        except NotOffered:
            self._not_offered += 1
            return
        before, after = given.priced.total.amount, priced.total.amount
        self._total.add(before, after)
        self._segment(given, priced, before, after)
        bar = _bar(before, after)
        self._histogram[bar] = self._histogram.get(bar, 0) + 1
        if before != after:
            self._case(Case(after - before, given.id, before, after))
            for rule_id in self._deciding(given):
                self._rules.setdefault(rule_id, Sums()).add(before, after)

    def result(self) -> Simulation:
        """Answer what came of all that was counted."""
        return Simulation(
            currency=self.candidate.rulebook.currency,
            total=self._total,
            not_offered=self._not_offered,
            segments=self._segments,
            rules=dict(sorted(self._rules.items(), key=lambda each: -abs(each[1].after - each[1].before))),
            dearest=sorted(self._dearest, reverse=True),
            cheapest=[
                Case(-each.change, each.id, each.before, each.after) for each in sorted(self._cheapest, reverse=True)
            ],
            histogram=dict(sorted(self._histogram.items())),
        )

    def _segment(self, given: Given, priced: Priced, before: int, after: int) -> None:
        facts = given.facts
        for kind, word in (
            ("category", facts.device.category),
            ("urgency", facts.urgency),
            ("customer_type", facts.customer_type),
        ):
            self._segments.setdefault(kind, {}).setdefault(word, Sums()).add(before, after)
        services = self._segments.setdefault("service", {})
        count = len(facts.items)
        for item, was, line in zip(facts.items, given.priced.lines[:count], priced.lines[:count], strict=False):
            services.setdefault(item.service_id, Sums()).add(was.amount.amount, line.amount.amount)

    def _case(self, case: Case) -> None:
        """Keep the worst on either side; the cheaper ones upside down, so that the heap's least is the least of them."""
        if case.change > 0:
            _keep(self._dearest, case)
        else:
            _keep(self._cheapest, Case(-case.change, case.id, case.before, case.after))

    def _deciding(self, given: Given) -> Iterator[str]:
        """Name the rules that apply on one side and not on the other, or not as they did."""
        old = self._published(given.rulebook_version)
        if old is not None:
            old.forget_beyond(_REMEMBERED)
            among = self._contested(given.rulebook_version, old)
            yield from differing(old, self.candidate, given.facts, among)

    def _contested(self, version: str, old: CompiledRulebook) -> frozenset[str]:
        if version not in self._contests:
            self._contests[version] = contested(old.rulebook, self.candidate.rulebook)
        return self._contests[version]

    def _published(self, version: str) -> CompiledRulebook | None:
        if version not in self._compiled:
            rulebook = self.published.get(version)
            self._compiled[version] = None if rulebook is None else compile_rulebook(rulebook)
        return self._compiled[version]


def _keep(heap: list[Case], case: Case) -> None:
    if len(heap) < WORST:
        heappush(heap, case)
    else:
        heappushpop(heap, case)


def _bar(before: int, after: int) -> int:
    """Answer the lower end of the change's bar in percent; no change is a bar of its own at 0, a rise begins at 1."""
    if before == after:
        return 0
    if before == 0:
        return FURTHEST
    percent = 100 * (after - before) / before
    if after > before:
        return min(FURTHEST, int(percent // WIDTH) * WIDTH + 1)
    return max(-FURTHEST, -(int(-percent // WIDTH) + 1) * WIDTH)
