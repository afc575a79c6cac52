"""PostgreSQL goes away and comes back under load: the same servers serve again within seconds, and have lost nothing."""

import asyncio
from pathlib import Path
from random import Random
from time import monotonic

from attrs import define, field

from tests.chaos.lengths import RESTARTS
from tests.chaos.programs.comparing import losses
from tests.chaos.programs.load import Crowd, crowd
from tests.chaos.programs.shop import Shop, shop
from tests.chaos.programs.variants import HASTY
from tests.servers.postgres import PostgresServer, running_postgres

_CUSTOMERS = 8
_SERVING_AGAIN = 5.0  # seconds from the database's return, each time
_FAR_TOO_LATE = 60.0  # seconds after which nobody comes any more


@define(eq=False)
class Restarts:
    """What came of them. `waits` are the seconds from the database's return to the next acknowledgement."""

    people: Crowd
    same_processes: bool = True
    waits: list[float] = field(factory=list)


async def restarted_again_and_again(place: Shop, server: PostgresServer, times: int) -> Restarts:
    """Stop the database, kindly or not, and start it again, that often and under load."""
    chance = Random(times)
    await place.open()
    born = place.server, place.worker
    async with crowd(place, _CUSTOMERS) as people:
        result = Restarts(people)
        for number in range(times):
            await _next_sign(people)
            await asyncio.sleep(chance.uniform(0, 0.2))
            await asyncio.to_thread(server.kill if number % 2 else server.stop)
            await asyncio.sleep(chance.uniform(0, 0.2))
            await asyncio.to_thread(server.start)
            back = monotonic()
            if not await _next_sign(people):
                break
            result.waits.append(monotonic() - back)
            if people.journal.wrong:
                break
    result.same_processes = all(each is not None and each.is_alive for each in born)
    await place.kill(server=True, worker=True)
    return result


async def _next_sign(people: Crowd) -> bool:
    """Wait for an acknowledgement; answer whether one came."""
    people.journal.grew.clear()
    try:
        async with asyncio.timeout(_FAR_TOO_LATE):
            await people.journal.grew.wait()
    except TimeoutError:
        return False
    return True


async def test_a_database_that_restarts(tmp_path: Path) -> None:
    """Nothing of ours is started anew, nothing acknowledged is lost, and the wait is short."""
    with running_postgres() as server:
        async with shop(tmp_path, postgres=server.url) as place:
            result = await restarted_again_and_again(place, server, RESTARTS)
            found = await losses(place.database, result.people.journal)

    assert not found
    assert result.same_processes
    assert len(result.waits) == RESTARTS
    assert max(result.waits) <= _SERVING_AGAIN, result.waits


async def test_a_server_that_answers_before_the_commit(tmp_path: Path) -> None:
    """It is found out: the commit that it promised met a database that was gone."""
    with running_postgres() as server:
        async with shop(tmp_path, postgres=server.url, variant=HASTY) as place:
            result = await restarted_again_and_again(place, server, 3)
            found = await losses(place.database, result.people.journal)

    assert found
