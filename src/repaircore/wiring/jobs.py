"""The engine that the settings name for jobs: checked, and its own tables brought into the database."""

from importlib.util import find_spec
from typing import Any

from repaircore.adapters.storage.urls import is_postgresql, masked
from repaircore.wiring.databases import server_url
from repaircore.wiring.settings import ConfigurationError, JobsEngine, Settings


def check_jobs(settings: Settings) -> None:
    """Look at the settings alone. Raises ConfigurationError for an engine that the database, or this installation, cannot have."""
    if settings.jobs.engine is JobsEngine.EMBEDDED:
        return
    if not is_postgresql(settings.database.url):
        raise ConfigurationError(
            f"jobs.engine: procrastinate works on PostgreSQL alone, and database.url is {masked(settings.database.url)}: "
            'write engine = "embedded", or a postgresql:// database'
        )
    if find_spec("procrastinate") is None:
        raise ConfigurationError("jobs.engine: procrastinate is not installed: pip install repaircore[procrastinate]")


def migrate_jobs(settings: Settings) -> bool:
    """Bring the engine's tables into a migrated database, or take jobs back from the engine that was used before; answer whether
    there was anything to do. Raises ConfigurationError, or Unavailable when the database cannot be reached."""
    check_jobs(settings)
    if not is_postgresql(settings.database.url):
        return False
    if settings.jobs.engine is JobsEngine.EMBEDDED:
        from repaircore.adapters.jobs.procrastinate.withdrawing import withdraw

        return withdraw(server_url(settings.database))
    from repaircore.adapters.jobs.procrastinate.schema import install

    return install(server_url(settings.database))


def queue_of(settings: Settings) -> Any:
    """Answer the queue for `open_storage`; None for the embedded one. Raises Unavailable when the engine's tables are not there, or
    jobs wait in the one that was used before."""
    check_jobs(settings)
    if not is_postgresql(settings.database.url):
        return None
    if settings.jobs.engine is JobsEngine.EMBEDDED:
        from repaircore.adapters.jobs.procrastinate.withdrawing import check_withdrawn

        check_withdrawn(server_url(settings.database))
        return None
    from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
    from repaircore.adapters.jobs.procrastinate.schema import check

    check(server_url(settings.database))
    return ProcrastinateJobs
