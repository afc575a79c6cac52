"""Engines beside each other on the same rules and the same jobs: ours, zen-engine, and the plainest Python.

`python -m bench.engines SECONDS` measures each of them once for about that long, in CPU time, and writes one JSON object:
for each size the microseconds of a quote of two lines, by engine. Nothing is measured before all give the same bills.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from importlib.metadata import version

from bench import gorules
from bench.plain import Bill, plain
from bench.sizes import LARGE, SMALL, Sized, sized
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quote import LineKind, Priced
from repaircore.domain.pricing.quoting import hold
from repaircore.domain.pricing.rules import Rulebook

SIZES = (SMALL, LARGE)
OURS, RECEIPT = "repaircore, jobs that recur", "repaircore, jobs that recur, with receipt"
FORGOTTEN, FIRST = "repaircore, answers forgotten", "repaircore, nothing remembered"
_PEER = f"zen-engine {version('zen-engine')}"
ZEN, LOOP, PLAIN = _PEER, f"{_PEER}, loop mode", "plain Python"
ENGINES = (OURS, RECEIPT, FORGOTTEN, FIRST, ZEN, LOOP, PLAIN)
_JOBS = 64
_ID = QuoteId("qt_bench")
_HELD = timedelta(days=1)

Pricing = Callable[[Facts], object]


class Disagreement(Exception):
    """Two engines give different bills for the same job: their times would mean nothing."""


def compared(seconds: float, size: int) -> dict[str, float]:
    """Measure every engine at one size. Raises Disagreement."""
    shop = sized(size)
    jobs = shop.jobs(_JOBS)
    agree(billing(shop), jobs)
    return {name: _micros(work, jobs, seconds) for name, work in _working(shop).items()}


def billing(shop: Sized) -> Mapping[str, Callable[[Facts], Bill]]:
    """Every engine as one that answers bills."""
    compiled, rulebook = compile_rulebook(shop.rulebook), shop.rulebook
    return {
        OURS: lambda facts: bill_of(price(compiled, facts)),
        RECEIPT: lambda facts: bill_of(_held(compiled, facts)),
        FORGOTTEN: lambda facts: bill_of(_once_more(compiled, facts)),
        FIRST: lambda facts: bill_of(_afresh(compiled, facts)),
        **_others(rulebook),
    }


def agree(engines: Mapping[str, Callable[[Facts], Bill]], jobs: Sequence[Facts]) -> None:
    """Refuse engines that are not of one mind, to the penny. Raises Disagreement."""
    for facts in jobs:
        bills = {name: bill(facts) for name, bill in engines.items()}
        if len(set(bills.values())) > 1:
            raise Disagreement("\n".join(f"{name}: {bill}" for name, bill in bills.items()) + f"\nfor {facts}")


def bill_of(priced: Priced) -> Bill:
    """Answer our price as a bill."""
    repairs = tuple([line.amount.amount for line in priced.lines if line.kind is LineKind.REPAIR])
    return Bill(
        lines=repairs,
        fee=priced.subtotal.amount - sum(repairs),
        tax=sum([tax.amount.amount for tax in priced.taxes]),
        total=priced.total.amount,
        deposit=priced.deposit.amount,
    )


def _working(shop: Sized) -> Mapping[str, Pricing]:
    """Every engine as it is used: ours answers its own typed result."""
    compiled = compile_rulebook(shop.rulebook)
    return {
        OURS: lambda facts: price(compiled, facts),
        RECEIPT: lambda facts: _held(compiled, facts),
        FORGOTTEN: lambda facts: _once_more(compiled, facts),
        FIRST: lambda facts: _afresh(compiled, facts),
        **_others(shop.rulebook),
    }


def _others(rulebook: Rulebook) -> dict[str, Callable[[Facts], Bill]]:
    return {ZEN: gorules.table(rulebook), LOOP: gorules.loop(rulebook), PLAIN: plain(rulebook)}


def _held(compiled: CompiledRulebook, facts: Facts) -> Priced:
    at = facts.local_time
    return hold(compiled, facts, id=_ID, at=at, until=at + _HELD).priced


def _once_more(compiled: CompiledRulebook, facts: Facts) -> Priced:
    """Price with no answer, plan or line remembered; what competes for such devices and services is known."""
    compiled.forget(answers_alone=True)
    return price(compiled, facts)


def _afresh(compiled: CompiledRulebook, facts: Facts) -> Priced:
    """Price with nothing remembered of other jobs."""
    compiled.forget()
    return price(compiled, facts)


def _micros(work: Pricing, jobs: Sequence[Facts], seconds: float) -> float:
    """Answer the CPU time of one job; the first pass goes unmeasured, as far as a fifth of the time reaches."""
    _run(work, jobs, seconds / 5)
    return _run(work, jobs, seconds)


def _run(work: Pricing, jobs: Sequence[Facts], seconds: float) -> float:
    """Work through whole passes until the time is over, so that every measurement has the same jobs in it."""
    passes, started = 0, time.process_time()
    while time.process_time() - started < seconds or not passes:
        for facts in jobs:
            work(facts)
        passes += 1
    return (time.process_time() - started) / (passes * len(jobs)) * 1e6


if __name__ == "__main__":
    print(json.dumps({size: compared(float(sys.argv[1]), size) for size in SIZES}))
