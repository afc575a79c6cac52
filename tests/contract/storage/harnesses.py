"""The databases under test, each empty and with a clock moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.postgresql import PostgresqlStorage, open_postgresql
from repaircore.adapters.storage.postgresql.jobs import PostgresqlJobs
from repaircore.adapters.storage.sqlite import SqliteStorage, open_sqlite
from repaircore.testing.storage import subscriptions


@define
class MemoryHarness:
    """The twin in memory; `kind` may be one that lies."""

    kind: type[MemoryStorage] = MemoryStorage
    clock: ManualClock = field(factory=ManualClock)
    storage: MemoryStorage = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.storage = self.kind(self.clock, PredictableIds(), subscriptions)


@define
class SqliteHarness:
    """A file of its own."""

    path: Path
    clock: ManualClock = field(factory=ManualClock)
    synchronous: str = "FULL"
    storage: SqliteStorage = field(init=False)

    def __attrs_post_init__(self) -> None:
        migrate(self.path)
        self.storage = self.opened(self.path)

    async def reopen(self) -> None:
        """Close the file and open it again."""
        await self.storage.aclose()
        self.storage = self.opened(self.path)

    def opened(self, path: Path) -> SqliteStorage:
        """Open a file with this harness's clock."""
        return open_sqlite(
            path,
            clock=self.clock,
            ids=PredictableIds(),
            subscriptions=subscriptions,
            synchronous=self.synchronous,
        )


@asynccontextmanager
async def sqlite_harness(folder: Path) -> AsyncIterator[SqliteHarness]:
    """An empty file, closed at the end."""
    harness = SqliteHarness(folder / "shop.db")
    try:
        yield harness
    finally:
        await harness.storage.aclose()


@define
class PostgresqlHarness:
    """A migrated database of its own."""

    url: str
    clock: ManualClock = field(factory=ManualClock)
    queue: type[PostgresqlJobs] = PostgresqlJobs
    storage: PostgresqlStorage = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.storage = self.opened()

    async def reopen(self) -> None:
        """Close every connection and open the database again."""
        await self.storage.aclose()
        self.storage = self.opened()

    def opened(self, url: str = "") -> PostgresqlStorage:
        """Open a database with this harness's clock, as another process would."""
        return open_postgresql(
            url or self.url, clock=self.clock, ids=PredictableIds(), subscriptions=subscriptions, queue=self.queue
        )


@asynccontextmanager
async def postgresql_harness(
    url: str, *, queue: type[PostgresqlJobs] = PostgresqlJobs
) -> AsyncIterator[PostgresqlHarness]:
    """An empty database, closed at the end."""
    harness = PostgresqlHarness(url, queue=queue)
    try:
        yield harness
    finally:
        await harness.storage.aclose()
