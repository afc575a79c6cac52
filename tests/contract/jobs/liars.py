"""Job queues that lie, each about one thing, and the test that is there to catch it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from repaircore.adapters.storage.jobs import position_of
from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.ports.jobs import Job, NewJob
from repaircore.testing.storage.values import NOON
from tests.contract.storage.bending import Lie, answering, asking, bent, ignores, says

DAY = timedelta(days=1)


def each(**changes: Any) -> Lie:
    """Gives out jobs that are not quite those enqueued."""
    return answering(lambda jobs: [evolve(job, **changes) for job in jobs])


def reverses(jobs: Sequence[Job]) -> Sequence[Job]:
    """The other way round."""
    return jobs[::-1]


def gives_to_everybody(honest: Any, storage: MemoryStorage) -> Any:
    """Shows every worker the same jobs."""

    async def lying(limit: int, *, now: datetime, seconds: float) -> Any:
        return await storage.jobs.find(limit=limit)

    return lying


def on_time_only(honest: Any, storage: MemoryStorage) -> Any:
    """Takes a result only while the lease runs."""

    async def lying(job: Job, *, now: datetime) -> bool:
        return bool(job.leased_until and now < job.leased_until and await honest(job, now=now))

    return lying


def by_place(job: Job, *, now: datetime) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Takes any lease of the job for the one that holds it."""
    return (evolve(job, lease=2),), {"now": now}


def altered(**changes: Any) -> Lie:
    """Enqueues something else."""
    return asking(lambda *jobs: (tuple(evolve(job, **changes) for job in jobs), {}))


def enqueues_at_once(honest: Any, storage: MemoryStorage) -> Any:
    """Does not wait for the commit."""

    def lying(*jobs: NewJob) -> None:
        other = MemoryStorage.unit_of_work(storage)
        other.enqueue(*jobs)
        storage._state.transact(other._gathered.take())

    return lying


def without_order(honest: Any, storage: MemoryStorage) -> Any:
    """Forgets to let the next of the key through."""

    async def lying(job: Any, **options: Any) -> Any:
        jobs = (
            [evolve(one, ordering_key="") for one in job] if isinstance(job, Sequence) else evolve(job, ordering_key="")
        )
        return await honest(jobs, **options)

    return lying


def never_over(honest: Any, storage: MemoryStorage) -> Any:
    """Takes a job that is done for one that others must wait for."""

    async def lying(jobs: Sequence[Job], *, now: datetime) -> Any:
        done = await honest(jobs, now=now)
        for job in jobs:
            place = position_of(job.id)
            storage._state.jobs[place] = evolve(storage._state.jobs[place], finished_at=None)
        return done

    return lying


def buries_alive(honest: Any, storage: MemoryStorage) -> Any:
    """Puts back what was given up."""

    async def lying(job: Job, *, now: datetime, error: str) -> Any:
        return await storage.jobs.retry(job, run_at=now, error=error)

    return lying


def reuses_leases(honest: Any, storage: MemoryStorage) -> Any:
    """Counts leases from the beginning when a job is replayed."""

    async def lying(job_id: Any, *, now: datetime) -> Any:
        replayed = await honest(job_id, now=now)
        held = storage._state.jobs.get(position_of(job_id))
        if replayed and held:
            storage._state.jobs[position_of(job_id)] = evolve(held, job=evolve(held.job, lease=0))
        return replayed

    return lying


def keeps_attempts(honest: Any, storage: MemoryStorage) -> Any:
    """Counts on where the first life ended."""

    async def lying(job_id: Any, *, now: datetime) -> Any:
        held = storage._state.jobs.get(position_of(job_id))
        replayed = await honest(job_id, now=now)
        again = storage._state.jobs.get(position_of(job_id))
        if replayed and held and again:
            counted = evolve(again.job, attempts=held.job.attempts)
            storage._state.jobs[position_of(job_id)] = evolve(again, job=counted)
        return replayed

    return lying


def counts_what_waits(honest: Any, storage: MemoryStorage) -> Any:
    """Says that a job is due which nobody may take yet."""

    async def lying() -> Any:
        times = [held.job.run_at for held in storage._state.jobs.values() if held.finished_at is None]
        return min(times, default=None)

    return lying


def negative(honest: Any, storage: MemoryStorage) -> Any:
    """Waits before it is due."""

    async def lying(*, now: datetime) -> float:
        due = await storage.jobs.next_due()
        return 0.0 if due is None else (now - due).total_seconds()

    return lying


def looks_away(honest: Any, storage: MemoryStorage) -> Any:
    """Forgets what happened before it began to wait."""

    async def lying(seconds: float) -> None:
        storage._around.waking.look()
        await honest(seconds)

    return lying


class Deaf(MemoryStorage):
    """Commits without waking anybody."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._around.waking.wake = lambda: None  # type: ignore[method-assign]


LIES: list[tuple[type[MemoryStorage], str]] = [
    (bent("jobs", "lease", each(payload={})), "test_a_job_comes_as_it_was_enqueued"),
    (bent("jobs", "lease", each(attempts=0)), "test_a_job_comes_as_it_was_enqueued"),
    (
        bent("jobs", "lease", asking(lambda n, now, seconds: ((n,), {"now": now + DAY, "seconds": seconds}))),
        "test_a_job_waits_for_its_time",
    ),
    (bent("jobs", "lease", answering(reverses)), "test_oldest_first_and_no_more_than_asked"),
    (
        bent("jobs", "lease", asking(lambda n, **options: ((n + 1,), options))),
        "test_oldest_first_and_no_more_than_asked",
    ),
    (bent("jobs", "lease", gives_to_everybody), "test_two_workers_never_have_the_same_job"),
    (bent("jobs", "lease", answering(lambda jobs: jobs[1:])), "test_two_workers_never_have_the_same_job"),
    (bent("jobs", "finish", says(True)), "test_a_lost_lease"),
    (bent("jobs", "extend", says(True)), "test_a_lost_lease"),
    (bent("jobs", "finish_all", answering(lambda count: count + 1)), "test_a_lost_lease"),
    (bent("jobs", "finish", on_time_only), "test_a_late_worker_that_nobody_replaced"),
    (bent("jobs", "extend", says(True)), "test_extending_a_lease"),
    (bent("jobs", "finish", says(True)), "test_finished_jobs_are_done"),
    (bent("jobs", "finish_all", says(2)), "test_finished_jobs_are_done"),
    (bent("jobs", "finish", asking(by_place)), "test_finishing_at_the_same_moment"),
    (
        bent("jobs", "retry", asking(lambda job, run_at, error: ((job,), {"run_at": NOON, "error": error}))),
        "test_trying_again_later",
    ),
    (
        bent("jobs", "retry", asking(lambda job, run_at, error: ((job,), {"run_at": run_at, "error": ""}))),
        "test_trying_again_later",
    ),
    (bent("unit", "enqueue", enqueues_at_once), "test_enqueued_with_its_cause"),
    (bent("jobs", "bury", buries_alive), "test_a_dead_job_rests"),
    (bent("jobs", "replay", says(True)), "test_replaying_a_dead_job"),
    (bent("jobs", "replay", reuses_leases), "test_replaying_a_dead_job"),
    (bent("jobs", "replay", keeps_attempts), "test_replaying_a_dead_job"),
    (bent("jobs", "replay", says(True)), "test_only_the_dead_are_replayed"),
    (bent("unit", "enqueue", altered(ordering_key="")), "test_one_of_a_key_at_a_time"),
    (bent("unit", "enqueue", altered(ordering_key="one")), "test_one_of_a_key_at_a_time"),
    (bent("jobs", "finish_all", without_order), "test_one_of_a_key_in_batches"),
    (bent("unit", "enqueue", altered(ordering_key="")), "test_the_first_of_a_key_holds_up_the_rest"),
    (bent("jobs", "bury", without_order), "test_a_dead_job_holds_up_nobody"),
    (bent("jobs", "finish_all", never_over), "test_a_key_begins_anew"),
    (bent("unit", "enqueue", altered(unique_key="")), "test_unique_jobs_exist_once"),
    (bent("unit", "enqueue", altered(unique_key="")), "test_unique_and_in_order"),
    (bent("jobs", "next_due", counts_what_waits), "test_next_due"),
    (bent("jobs", "lag", negative), "test_lag"),
    (bent("jobs", "find", answering(reverses)), "test_finding_jobs"),
    (bent("jobs", "find", asking(lambda **options: ((), {**options, "name": ""}))), "test_finding_jobs"),
    (
        bent("jobs", "prune", asking(lambda done_before: ((), {"done_before": done_before + DAY}))),
        "test_pruning",
    ),
    (bent("jobs", "prune", says(2)), "test_pruning"),
    (Deaf, "test_a_commit_wakes_the_worker"),
    (Deaf, "test_a_replay_wakes_the_worker"),
    (bent("jobs", "wait", looks_away), "test_no_wake_up_is_missed"),
    (bent("jobs", "wait", says(None)), "test_waiting_ends_by_the_clock"),
    (bent("jobs", "wait", asking(lambda seconds: ((seconds * 2,), {}))), "test_waiting_ends_by_the_clock"),
    (bent("unit", "enqueue", ignores), "test_a_job_comes_as_it_was_enqueued"),
]
