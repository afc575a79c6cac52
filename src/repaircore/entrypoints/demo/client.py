"""An HTTP client that insists on the answers it expects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from attrs import frozen

from repaircore.entrypoints.demo.refusals import DemoFailed

_PATIENCE, _PAUSE = 20.0, 0.02  # seconds


@frozen
class Client:
    """Asks one server. Paths may be whole addresses, for the pages of others."""

    base_url: str
    session: aiohttp.ClientSession

    async def get(self, path: str, *, token: str = "", expect: int = 200, **query: str) -> Any:
        """Ask, and answer the JSON. Raises DemoFailed for another status than the expected one."""
        return await self._ask("GET", path, token=token, expect=expect, params=query)

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, token: str = "", expect: int = 200, key: str = ""
    ) -> Any:
        """Send, under an idempotency key where one is given."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self._ask("POST", path, token=token, expect=expect, json=body or {}, headers=headers)

    async def _ask(self, method: str, path: str, *, token: str, expect: int, **given: Any) -> Any:
        headers = {**given.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        url = path if "://" in path else self.base_url + path
        try:
            async with self.session.request(method, url, headers=headers, **given) as response:
                body = await response.json(content_type=None)
        except (aiohttp.ClientError, ValueError) as error:
            raise DemoFailed(f"{method} {path}: no answer that can be read ({type(error).__name__})") from error
        if response.status != expect:
            detail = body.get("detail", body) if isinstance(body, dict) else body
            raise DemoFailed(f"{method} {path}: expected {expect}, the answer was {response.status}: {detail}")
        return body


@asynccontextmanager
async def asking(base_url: str) -> AsyncIterator[Client]:
    """Open a client."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session:
        yield Client(base_url, session)


async def until(read: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], what: str) -> Any:
    """Look again until it holds, and answer what was seen last. Raises DemoFailed when it takes too long."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                seen = await read()
                if holds(seen):
                    return seen
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise DemoFailed(f"{what}: it did not happen within {_PATIENCE:g} seconds") from None
