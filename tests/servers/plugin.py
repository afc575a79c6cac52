"""The fixtures that hand servers to tests, and the hooks that keep them for one run, of however many workers.

Drivers are loaded by the fixtures that use them: most runs need no server.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.servers.run import ELSEWHERE, Run, new_run

_FOLDER: Final = "servers"
_run = pytest.StashKey[Run]()
_end = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run, or take part in that of the process that started this worker."""
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[_run] = Run(Path(given[_FOLDER]))
        return
    config.stash[_end] = end = ExitStack()
    config.stash[_run] = run = end.enter_context(new_run())
    if os.environ.get(ELSEWHERE["postgres"]):
        end.callback(_drop_databases, run)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it belongs to."""
    node.workerinput[_FOLDER] = str(node.config.stash[_run].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, and every server with it."""
    if _end in config.stash:
        config.stash[_end].close()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Run:
    """The shared servers of this run."""
    return pytestconfig.stash[_run]


@pytest.fixture
def postgres_url(servers: Run) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own, with nothing in its tables."""
    from tests.servers.databases import migrated_database

    with migrated_database(servers) as url:
        yield url


@pytest.fixture
def empty_postgres_url(servers: Run) -> Iterator[str]:
    """A PostgreSQL database of the test's own that was never migrated."""
    from tests.servers.databases import empty_database

    with empty_database(servers) as url:
        yield url


@pytest.fixture
def valkey_url(servers: Run) -> str:
    """An empty Valkey database that no other test uses at the same time: one for each worker, after the one the URL names."""
    import redis

    server = urlsplit(servers.server("valkey"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = server._replace(path=f"/{int(server.path.strip('/') or 0) + worker}").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


def _drop_databases(run: Run) -> None:
    if run.template.exists():
        from tests.servers.databases import drop_databases

        drop_databases(run)
