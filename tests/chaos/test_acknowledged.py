"""No acknowledged booking, payment fact or event is lost, whenever a server or a worker is killed."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.chaos.lengths import KILLS
from tests.chaos.programs.comparing import losses
from tests.chaos.programs.load import Crowd, crowd
from tests.chaos.programs.shop import Shop, shop
from tests.chaos.programs.variants import HASTY
from tests.servers.postgres import running_postgres

_CUSTOMERS = 8
_MOMENT = 0.1  # seconds: the longest time between a sign of life and a death


async def killed_again_and_again(place: Shop, times: int, *, chance: Random) -> Crowd:
    """Kill server, worker or both that often, at random points under load, each time bearing them anew."""
    await place.open()
    async with crowd(place, _CUSTOMERS) as people:
        for _ in range(times):
            people.journal.grew.clear()
            await people.journal.grew.wait()
            await asyncio.sleep(chance.uniform(0, _MOMENT))
            which = chance.randint(1, 3)
            await place.kill(server=bool(which & 1), worker=bool(which & 2))
            await place.open()
            if people.journal.wrong:
                break
    await place.kill(server=True, worker=True)
    return people


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_nothing_acknowledged_is_lost(tmp_path: Path, kind: str) -> None:
    """The clients' journal says nothing that the database does not."""
    with ExitStack() as servers:
        postgres = servers.enter_context(running_postgres()).url if kind == "postgresql" else ""
        async with shop(tmp_path, postgres=postgres) as place:
            people = await killed_again_and_again(place, KILLS, chance=Random(KILLS))
            found = await losses(place.database, people.journal)

    assert not found
    assert len(people.journal.booked) >= KILLS / 2
    assert people.journal.paid


async def test_a_server_that_answers_before_the_commit(tmp_path: Path) -> None:
    """It is found out: what it acknowledged is not there."""
    async with shop(tmp_path, variant=HASTY) as place:
        people = await killed_again_and_again(place, KILLS, chance=Random(1))
        found = await losses(place.database, people.journal)

    assert found
