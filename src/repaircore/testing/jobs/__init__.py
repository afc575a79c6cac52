"""What every job queue must do, judged by what its workers are given.

Subclass `JobQueueContract` in your tests and give it the `harness` fixture of the storage contract: jobs are enqueued in a unit of
work, and taken from the same storage's queue.
"""

from repaircore.testing.jobs.leases import LeaseContract
from repaircore.testing.jobs.orders import DeadLetterContract, OrderContract
from repaircore.testing.jobs.watching import WatchContract

__all__ = ["JobQueueContract"]


class JobQueueContract(LeaseContract, DeadLetterContract, OrderContract, WatchContract):
    """The promises of `ports.jobs`."""
