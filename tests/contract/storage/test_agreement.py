"""SQLite and its twin in memory answer the same to whatever is done to them."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.adapters.storage.migrations import migrate
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.booking.reference import reference
from repaircore.domain.identity import JobId
from repaircore.domain.payments.payment import Purpose
from repaircore.domain.pricing.promotions import Promotion, PromotionUnusable
from repaircore.ports.errors import AlreadyExists, Conflict
from repaircore.ports.jobs import Job, NewJob
from repaircore.ports.unit_of_work import BookingFilter, UnitOfWork
from repaircore.testing.storage.harness import StorageHarness, StorageWithJobs
from repaircore.testing.storage.offers import a_snapshot, a_stranger, a_use
from repaircore.testing.storage.values import a_booking, a_payment, an_entry, an_event, captured, confirmed, first_entry
from tests.contract.storage.bending import bent
from tests.contract.storage.harnesses import MemoryHarness, SqliteHarness
from tests.contract.storage.liars import as_typed, overwrites, unlimited

NUMBERS = st.integers(1, 3)
NAMES = st.sampled_from(["Jo Bloggs", "Zoë O’Brien", "zoe brienne", "Jo-Jo 100%", "修理店", "Bloggson Jo"])
TYPED = st.text(st.sampled_from("jozoë brin修-%1"), min_size=1, max_size=9) | st.sampled_from(
    ["jo", "blog", "Jo Bloggs", "iphone", "zoe", "13 pro jo", "jo jo", "o’brien iph", "修", "jo@example.com"]
)
Step = Callable[[UnitOfWork], None]


def add_booking(number: int, referred: int) -> Step:
    """A booking, perhaps under a reference that is taken."""
    booking = evolve(a_booking(number, minutes=number), reference=reference(referred))
    return lambda work: work.bookings.add(booking, first_entry(booking))


def save_booking(number: int, version: int, name: str) -> Step:
    """A booking that was read at some version, right or wrong, whose customer may have another name now."""
    after, move = confirmed(evolve(a_booking(number, minutes=number), version=version))
    renamed = evolve(after, customer=evolve(after.customer, name=name))
    return lambda work: work.bookings.save(renamed, move)


def add_payment(number: int, booking: int, purpose: Purpose) -> Step:
    """A payment, perhaps while another one is open."""
    return lambda work: work.payments.add(a_payment(number, booking=booking, purpose=purpose))


def close_payment(number: int, booking: int) -> Step:
    """A payment that was captured."""
    return lambda work: work.payments.save(captured(a_payment(number, booking=booking)))


def post(number: int) -> Step:
    """A ledger entry, perhaps once more."""
    return lambda work: work.ledger.post(an_entry(number))


def record(number: int) -> Step:
    """An event with its two jobs."""
    return lambda work: work.record(an_event(a_booking(number)))


def enqueue(ordering_key: str, unique_key: str) -> Step:
    """A job of somebody else's."""
    job = NewJob(name="extra", ordering_key=ordering_key, unique_key=unique_key)
    return lambda work: work.enqueue(job)


def use_code(number: int, customer: int, first_order: bool) -> Step:
    """A booking is made with a code that can be used once, perhaps only for a first order."""
    promotion = Promotion(code="SAVE15", uses=1, first_order=first_order)
    return lambda work: work.promotions.use(a_use(number, customer=a_stranger(customer)), promotion)


def give_back(number: int) -> Step:
    """A booking is called off."""
    return lambda work: work.promotions.give_back(a_use(number).booking_id)


def measure(number: int, minutes: int) -> Step:
    """A snapshot of the market, perhaps under an id that is taken."""
    return lambda work: work.market.add(a_snapshot(number, minutes=minutes))


STEPS = st.one_of(
    st.builds(use_code, NUMBERS, NUMBERS, st.booleans()),
    st.builds(give_back, NUMBERS),
    st.builds(measure, NUMBERS, NUMBERS),
    st.builds(add_booking, NUMBERS, NUMBERS),
    st.builds(save_booking, NUMBERS, NUMBERS, NAMES),
    st.builds(add_payment, NUMBERS, NUMBERS, st.sampled_from([Purpose.DEPOSIT, Purpose.BALANCE])),
    st.builds(close_payment, NUMBERS, NUMBERS),
    st.builds(post, NUMBERS),
    st.builds(record, NUMBERS),
    st.builds(enqueue, st.sampled_from(["", "a", "bk_0001"]), st.sampled_from(["", "u1", "u2"])),
)


@cache
def migrated() -> Path:
    """An empty database to copy, which is quicker than migrating one for every life."""
    path = Path(tempfile.mkdtemp()) / "shop.db"
    atexit.register(shutil.rmtree, path.parent)
    migrate(path)
    return path


class Agreement(RuleBasedStateMachine):
    """Two storages, one life."""

    twin: type[MemoryStorage] = MemoryStorage

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryHarness(self.twin)
        self.sqlite = SqliteHarness(Path(shutil.copy(migrated(), self.folder.name)), synchronous="OFF")
        self.leases: list[Job] = []

    def teardown(self) -> None:
        self.runner.run(self.sqlite.storage.aclose())
        self.runner.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[StorageWithJobs], Awaitable[Any]]) -> Any:
        """Ask both; they must answer the same."""

        async def answer(harness: StorageHarness) -> Any:
            try:
                return await ask(harness.storage)
            except (Conflict, AlreadyExists, PromotionUnusable) as error:
                return type(error), str(error)

        ours, theirs = (self.runner.run(answer(harness)) for harness in (self.memory, self.sqlite))
        assert ours == theirs
        return ours

    @rule(steps=st.lists(STEPS, min_size=1, max_size=4))
    def commit(self, steps: Sequence[Step]) -> None:
        async def unit(storage: StorageWithJobs) -> None:
            async with storage.unit_of_work() as work:
                for step in steps:
                    step(work)
                await work.commit()

        self.both(unit)

    @rule(number=NUMBERS, customer=NUMBERS)
    def use(self, number: int, customer: int) -> None:
        self.commit([use_code(number, customer, first_order=False)])

    @rule(seconds=st.integers(0, 90))
    def pass_time(self, seconds: int) -> None:
        for harness in (self.memory, self.sqlite):
            harness.clock.advance(timedelta(seconds=seconds))

    @rule(limit=st.integers(1, 3))
    def lease(self, limit: int) -> None:
        now = self.memory.clock.now()
        self.leases += self.both(lambda storage: storage.jobs.lease(limit, now=now, seconds=60))

    @rule(data=st.data(), what=st.sampled_from(["finish", "finish_all", "retry", "bury", "extend"]))
    def use_a_lease(self, data: st.DataObject, what: str) -> None:
        if not self.leases:
            return
        job = data.draw(st.sampled_from(self.leases))
        now = self.memory.clock.now()
        soon = now + timedelta(seconds=30)
        asks: dict[str, Callable[[StorageWithJobs], Awaitable[Any]]] = {
            "finish": lambda storage: storage.jobs.finish(job, now=now),
            "finish_all": lambda storage: storage.jobs.finish_all(self.leases, now=now),
            "retry": lambda storage: storage.jobs.retry(job, run_at=soon, error="later"),
            "bury": lambda storage: storage.jobs.bury(job, now=now, error="never"),
            "extend": lambda storage: storage.jobs.extend(job, until=soon),
        }
        self.both(asks[what])

    @rule(number=st.integers(0, 6))
    def replay(self, number: int) -> None:
        now = self.memory.clock.now()
        self.both(lambda storage: storage.jobs.replay(JobId(f"job_{number:012d}"), now=now))

    @rule(seconds=st.integers(-30, 30))
    def prune(self, seconds: int) -> None:
        until = self.memory.clock.now() + timedelta(seconds=seconds)
        self.both(lambda storage: storage.jobs.prune(done_before=until))

    @invariant()
    def same_jobs(self) -> None:
        now = self.memory.clock.now()
        self.both(lambda storage: everything(storage.jobs.find(), storage.jobs.next_due(), storage.jobs.lag(now=now)))

    @invariant()
    def same_bookings(self) -> None:
        self.both(lambda storage: everything(storage.unit_of_work().bookings.find(BookingFilter(), limit=9)))

    @rule(text=TYPED, status=st.sampled_from([None, Status.PENDING]), newest_first=st.booleans())
    def look_for(self, text: str, status: Status | None, newest_first: bool) -> None:
        wanted = BookingFilter(text=text, status=status)
        self.both(lambda storage: storage.unit_of_work().bookings.find(wanted, limit=2, newest_first=newest_first))

    @invariant()
    def same_offers(self) -> None:
        def ask(storage: StorageWithJobs) -> Awaitable[Any]:
            work = storage.unit_of_work()
            counts = (work.promotions.count("SAVE15", a_stranger(number)) for number in (1, 2, 3))
            return everything(work.promotions.count("SAVE15"), *counts, work.market.find(limit=9))

        used, *_ = self.both(ask)
        assert used <= 1

    @invariant()
    def same_records(self) -> None:
        def ask(storage: StorageWithJobs) -> Awaitable[Any]:
            work = storage.unit_of_work()
            booking = a_booking(1).id
            return everything(
                work.events.after(0, limit=100),
                work.bookings.history(booking),
                work.payments.of_booking(booking),
                work.ledger.of_booking(booking),
                work.ledger.balances(),
            )

        self.both(ask)


async def everything(*questions: Awaitable[Any]) -> list[Any]:
    """Answer them all."""
    return [await question for question in questions]


QUICK = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_they_agree() -> None:
    """In every sequence of operations that Hypothesis finds."""
    run_state_machine_as_test(Agreement, settings=QUICK)


def test_a_limit_that_is_none_is_noticed() -> None:
    """A twin that gives out more uses than there are is told apart."""

    class Generous(Agreement):
        twin = bent("promotions", "use", unlimited)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Generous, settings=QUICK)


def test_disagreement_is_noticed() -> None:
    """A twin without version guards is told apart."""

    class Careless(Agreement):
        twin = bent("bookings", "save", overwrites("bookings"))

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Careless, settings=QUICK)


def test_a_search_for_too_much_is_noticed() -> None:
    """A twin that only looks for the first letter is told apart."""

    class Hasty(Agreement):
        twin = bent("bookings", "find", as_typed(lambda text: text[:1]))

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Hasty, settings=settings(QUICK, max_examples=1000))
