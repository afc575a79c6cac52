"""Each process's counts on the board: told every second, read by whoever is scraped, gone on with by who takes a place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from repaircore.entrypoints.http.metrics import Metrics
from repaircore.entrypoints.processes.post import Post

_EVERY: Final = 1.0  # seconds


@asynccontextmanager
async def counting(metrics: Metrics, post: Post) -> AsyncIterator[None]:
    """Go on from what was counted at this post before, and tell the others; at the end once more."""
    metrics.share(post.board, post.number)
    telling = asyncio.create_task(_tell(metrics))
    try:
        yield
    finally:
        telling.cancel()
        metrics.tell()


async def _tell(metrics: Metrics) -> None:
    while True:
        metrics.tell()
        await asyncio.sleep(_EVERY)
