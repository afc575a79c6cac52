"""A program that commits until it is killed, and says on standard output what was acknowledged."""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.storage.postgresql import open_postgresql
from repaircore.adapters.storage.sqlite import open_sqlite
from repaircore.adapters.storage.urls import is_postgresql
from repaircore.testing.storage import subscriptions
from repaircore.testing.storage.transactions import gather_all

WRITERS = 8


async def main(url: str) -> None:
    """Commit one of everything, over and over, from several writers at once."""
    opened = open_postgresql if is_postgresql(url) else open_sqlite
    storage = opened(url, clock=ManualClock(datetime.now(UTC)), ids=PredictableIds(), subscriptions=subscriptions)
    numbers = count(1)

    async def writer() -> None:
        while True:
            number = next(numbers)
            async with storage.unit_of_work() as work:
                gather_all(work, number)
                await work.commit()
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(writer() for _ in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
