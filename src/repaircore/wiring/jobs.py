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
    engine = settings.jobs.engine.value
    if not is_postgresql(settings.database.url):
        raise ConfigurationError(
            f"jobs.engine: {engine} works on PostgreSQL alone, and database.url is {masked(settings.database.url)}: "
            'write engine = "embedded", or a postgresql:// database'
        )
    if find_spec(engine) is None:
        raise ConfigurationError(f"jobs.engine: {engine} is not installed: pip install repaircore[{engine}]")


def migrate_jobs(settings: Settings) -> bool:
    """Bring the engine's tables into a migrated database, and take jobs back from the one that was used before; answer whether
    there was anything to do. Raises ConfigurationError, or Unavailable when the database cannot be reached."""
    check_jobs(settings)
    if not is_postgresql(settings.database.url):
        return False
    from repaircore.adapters.jobs.schema import install
    from repaircore.adapters.jobs.withdrawing import withdraw

    url, queue = server_url(settings.database), _queue(settings.jobs.engine)
    installed = queue is not None and install(url, queue)
    return withdraw(url, keep=_kept(settings)) or installed


def queue_of(settings: Settings) -> Any:
    """Answer the queue for `open_storage`; None for the embedded one. Raises Unavailable when the engine's tables are not there, or
    jobs wait in the one that was used before."""
    check_jobs(settings)
    if not is_postgresql(settings.database.url):
        return None
    from repaircore.adapters.jobs.schema import check
    from repaircore.adapters.jobs.withdrawing import check_withdrawn

    url, queue = server_url(settings.database), _queue(settings.jobs.engine)
    if queue is not None:
        check(url, queue)
    check_withdrawn(url, keep=_kept(settings))
    return queue


def _queue(engine: JobsEngine) -> Any:
    match engine:
        case JobsEngine.EMBEDDED:
            return None
        case JobsEngine.PGQUEUER:
            from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs

            return PgqueuerJobs
        case JobsEngine.PROCRASTINATE:
            from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs

            return ProcrastinateJobs


def _kept(settings: Settings) -> str:
    return "" if settings.jobs.engine is JobsEngine.EMBEDDED else settings.jobs.engine.value
