"""The job queue over procrastinate. Its Python brings its tables and functions, and nothing else."""

from repaircore.adapters.jobs.procrastinate.engine import PROCRASTINATE
from repaircore.adapters.jobs.queue import CarriedJobs


class ProcrastinateJobs(CarriedJobs):
    """Deliveries are procrastinate's jobs."""

    engine = PROCRASTINATE
    statements = PROCRASTINATE.statements()
