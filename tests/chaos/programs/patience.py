"""Waiting for something to become so, on a machine that may be busy with other things."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PATIENCE: Final = 90.0  # seconds
_PAUSE: Final = 0.02


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Look again until it holds. Raises AssertionError when it takes far too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await holds():
                    return
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise AssertionError(f"{what}: it did not happen within {PATIENCE:g} seconds") from None
