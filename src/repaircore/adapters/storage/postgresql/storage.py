"""A PostgreSQL database, shared by any number of processes."""

from collections import ChainMap

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.postgresql.committer import LANES, Committer
from repaircore.adapters.storage.postgresql.doing import Doing
from repaircore.adapters.storage.postgresql.jobs import PostgresqlJobs
from repaircore.adapters.storage.postgresql.link import TEXTS
from repaircore.adapters.storage.postgresql.listening import Listening
from repaircore.adapters.storage.postgresql.reader import PostgresqlReader
from repaircore.adapters.storage.recent import RecentMarket
from repaircore.adapters.storage.relational.unit_of_work import RelationalUnitOfWork, Surroundings
from repaircore.adapters.storage.waking import Waking
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import Subscriptions


class PostgresqlStorage:
    """The database and its job queue."""

    def __init__(
        self, url: str, *, clock: Clock, subscriptions: Subscriptions, lanes: int, queue: type[PostgresqlJobs]
    ) -> None:
        texts = ChainMap({name: sql.encode() for name, sql in queue.statements.items()}, TEXTS)
        self._reader = PostgresqlReader(url, texts)
        self._committer = Committer(url, lanes=lanes, delivers=queue.delivers, texts=texts)
        self._doing = Doing(url, texts)
        waking = Waking(clock)
        self._listening = Listening(url, own=self._own_processes, waking=waking)
        self._around = Surroundings(self._reader, self._committer, clock, subscriptions, waking, RecentMarket())
        self.jobs = queue(self._reader, self._doing, self._listening, waking)

    def unit_of_work(self) -> RelationalUnitOfWork:
        """Open a unit of work."""
        return RelationalUnitOfWork(self._around)

    async def health(self) -> None:
        """Answer when the database can be read and its migrations are at head. Raises Unavailable saying what is wrong."""
        found = await self._applied()
        if found != HEAD:
            raise Unavailable(
                f"the database is at migration {found or 'none'}, this program needs {HEAD}: run `repaircore migrate`"
            )

    async def aclose(self) -> None:
        """Finish what is being committed, then close."""
        await self._listening.aclose()
        await self._committer.aclose()
        await self._doing.aclose()
        await self._reader.aclose()

    async def _applied(self) -> str | None:
        if await self._reader.first("migrations") == (None,):
            return None
        row = await self._reader.first("applied")
        return row[0] if row else None

    def _own_processes(self) -> set[int]:
        return self._committer.processes | self._doing.processes


def open_postgresql(
    url: str,
    *,
    clock: Clock,
    ids: Ids,
    subscriptions: Subscriptions,
    lanes: int = LANES,
    queue: type[PostgresqlJobs] = PostgresqlJobs,
) -> PostgresqlStorage:
    """Open a database that was migrated before; connections are made when they are needed. `lanes`: how many transactions of
    units of work are under way at most. `queue`: who hands out its jobs."""
    return PostgresqlStorage(url, clock=clock, subscriptions=subscriptions, lanes=lanes, queue=queue)
