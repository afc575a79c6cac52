"""Hearing at once of what other processes publish; without a message it is found by looking, every few seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.ports.clock import Clock
from repaircore.ports.errors import PortError
from repaircore.ports.pubsub import PubSub
from repaircore.ports.unit_of_work import UnitOfWorkFactory

PUBLISHED: Final = "published"
"""The topic: a catalogue or a rulebook was published. Which, everybody reads in the database."""


@frozen
class Announcing:
    """Tells other processes that a version was published, once it is committed."""

    pubsub: PubSub

    async def __call__(self) -> None:
        """Tell them, if that can be done now: it is published all the same, and found by looking."""
        with suppress(PortError):
            await self.pubsub.publish(PUBLISHED, "")


@frozen
class Following:
    """Keeps the catalogue and the rulebooks at hand up to date with what other processes publish."""

    pubsub: PubSub
    prices: PriceBook
    unit_of_work: UnitOfWorkFactory
    clock: Clock

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Follow beside something else, until its end."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _follow(self) -> None:
        async with self.pubsub.subscribe(PUBLISHED) as news:
            async for _ in news:
                self.prices.look_again()
                # Whatever is wrong, a later question looks again and is told, and later news is heard.
                with suppress(Exception):
                    await self.prices.follow(self.unit_of_work, self.clock.now())
