"""Which parts of a quote's context some contests look at: cases that they cannot tell apart are one case, priced once."""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from attrs import field, frozen

from repaircore.domain.pricing.conditions import POSTCODE, Case
from repaircore.domain.pricing.contests import Candidate, choices, open_ended, resolved, taxes
from repaircore.domain.pricing.exact import Step
from repaircore.domain.pricing.taxing import Taxes

T = TypeVar("T")

_MOST_CASES = 200  # of one contest: its rules seldom tell more apart
_MOST = 10_000  # values remembered: postcodes and codes may be many


@frozen(eq=False)
class Projection:
    """For each part of the context, what the contests ask of it; parts that nothing is asked of are left out of a case."""

    tests: Mapping[int, tuple[Container[Hashable], ...]]
    prefixes: tuple[tuple[str, ...], ...]
    at_items: bool
    _stands_for: dict[tuple[int, Hashable], Hashable] = field(factory=dict, init=False)
    _first: dict[tuple[int, tuple[bool, ...]], Hashable] = field(factory=dict, init=False)

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> "Projection":
        """Gather what the rules ask for."""
        tests: dict[int, dict[int, Container[Hashable]]] = {}
        for one in candidates:
            for index, allowed in one.tests:
                tests.setdefault(index, {})[id(allowed)] = allowed
        return cls(
            tests={index: tuple(allowed.values()) for index, allowed in tests.items()},
            prefixes=_prefixes(candidates),
            at_items=any(one.of_items for one in candidates),
        )

    def key(self, case: Case) -> Hashable:
        """Answer something equal for all cases that the rules do not tell apart."""
        context = case.context
        told = tuple([self._part(index, context[index]) for index in self.tests])
        postcode = self._part(POSTCODE, context[POSTCODE]) if self.prefixes else ""
        return told, postcode, case.details if self.at_items else (), case.kind

    def case(self, case: Case) -> Case:
        """Answer a case that the contests decide in the same way; equal for all cases that they do not tell apart."""
        told = [self._part(index, value) for index, value in enumerate(case.context)]
        return Case(tuple(told), case.details if self.at_items else (), case.kind)

    def _part(self, index: int, value: Hashable) -> Hashable:
        if index not in self.tests and not (index == POSTCODE and self.prefixes):
            return ""
        known = self._stands_for.get((index, value), self)
        return self._new(index, value) if known is self else known

    def _new(self, index: int, value: Hashable) -> Hashable:
        if len(self._stands_for) >= _MOST:
            self._stands_for.clear()
        kind = tuple([value in allowed for allowed in self.tests.get(index, ())])
        if index == POSTCODE:
            kind = (*kind, *(str(value).startswith(prefixes) for prefixes in self.prefixes))
        first = self._stands_for[index, value] = self._first.setdefault((index, kind), value)
        return first


def _prefixes(candidates: Iterable[Candidate]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(one.prefixes for one in candidates if one.prefixes))


class Contest(list[Candidate]):
    """The candidates of one contest, the most specific first, which remembers how it was decided."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        super().__init__(candidates)
        self._projection: Projection | None = None
        self._decided: dict[Hashable, tuple[Step, ...]] = {}
        self._taxes: dict[Hashable, Taxes] = {}

    @cached_property
    def looks_at_amounts(self) -> bool:
        """Whether amounts may decide who applies."""
        return any(one.rule.group or not open_ended(one) for one in self)

    def steps(self, case: Case) -> tuple[Step, ...]:
        """Answer the steps that the contest comes to in a case. No candidate is added any more after the first call."""
        return self._once(self._decided, case, lambda: tuple([choices(step, case) for step in resolved(self, case)]))

    def taxes(self, case: Case) -> Taxes:
        """Answer the taxes that the contest comes to in a case."""
        return self._once(self._taxes, case, lambda: taxes(self, case))

    def _once(self, memo: dict[Hashable, T], case: Case, decide: Callable[[], T]) -> T:
        if self._projection is None:
            self._projection = Projection.of(self)
        key = self._projection.key(case)
        found = memo.get(key)
        if found is None:
            if len(memo) >= _MOST_CASES:
                memo.clear()
            found = memo[key] = decide()
        return found


Contests = dict[str, Contest]
