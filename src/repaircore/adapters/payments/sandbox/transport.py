"""One HTTP call to the sandbox, and what its answer means: the table of statuses, and what silence means."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from attrs import define, field, frozen

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.settings import SandboxSettings
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Declined, InvalidResponse, OutcomeUnknown, PortError, Rejected, Unavailable

_LONGEST_ANSWER = 1 << 20


@frozen
class Answer:
    """What came back, read up to a limit."""

    status: int
    body: bytes
    retry_after: str | None = None


@frozen
class _Refusal:
    code: str = ""
    message: str = ""


@frozen
class _Problem:
    error: _Refusal


@define
class Transport:
    """Calls over one shared connection pool, opened with the first call and so inside the running loop."""

    settings: SandboxSettings
    clock: Clock
    _client: aiohttp.ClientSession | None = field(default=None, init=False)

    async def read(self, path: str, **query: str) -> bytes | None:
        """Ask without changing anything; None when there is no such thing. Silence is Unavailable, since nothing was done."""
        try:
            answer = await self._exchange("GET", path, params=query)
            return None if _is_missing(answer) else self._accept(answer)
        except OutcomeUnknown as silence:
            raise Unavailable(str(silence)) from silence

    async def write(self, path: str, body: object, *, key: str) -> bytes:
        """Change something, once per key. Silence is OutcomeUnknown, since it may have been done."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._accept(await self._exchange("POST", path, headers=headers, data=msgspec.json.encode(body)))

    async def aclose(self) -> None:
        """Close the pool; a later call would open another."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        url = self.settings.base_url.rstrip("/") + path
        request = self._pool().request(method, url, params=params, headers=headers, data=data, allow_redirects=False)
        try:
            async with request as response:
                return Answer(response.status, await _body(response), response.headers.get("Retry-After"))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unavailable("the payment sandbox cannot be reached") from error
        except TimeoutError as error:
            raise OutcomeUnknown(f"the payment sandbox did not answer within {self.settings.timeout:g} s") from error
        except aiohttp.ClientError as error:
            raise OutcomeUnknown("the connection to the payment sandbox was lost before it answered") from error

    def _accept(self, answer: Answer) -> bytes:
        if 200 <= answer.status < 300:
            return answer.body
        raise _failure(answer, self.clock.now())

    def _pool(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self.settings.api_key}", "Accept": "application/json"},
                timeout=aiohttp.ClientTimeout(total=self.settings.timeout, sock_connect=self.settings.timeout / 2),
            )
        return self._client


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise InvalidResponse(f"the payment sandbox answered with more than {_LONGEST_ANSWER:,} bytes")
    return bytes(body)


def _is_missing(answer: Answer) -> bool:
    """Only the sandbox's own word counts: any other server would answer 404 as well."""
    return answer.status == 404 and _refusal(answer.body).code == "not_found"


def _failure(answer: Answer, now: datetime) -> PortError:
    status, refusal = answer.status, _refusal(answer.body)
    if status in (429, 503):
        return Unavailable("the payment sandbox is busy", retry_after=seconds(answer.retry_after, now))
    if status >= 500:
        return OutcomeUnknown(f"the payment sandbox failed with status {status} and may have acted")
    if status == 402:
        return Declined("the payment was declined", reason=refusal.code)
    if status >= 400 and refusal.code:
        return Rejected(f"the payment sandbox refused: {refusal.message}")
    return InvalidResponse(f"the payment sandbox answered with status {status} and no reason that can be read")


def _refusal(body: bytes) -> _Refusal:
    try:
        return read(body, _Problem).error
    except Unreadable:
        return _Refusal()


def seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, which is either seconds or a date; None when there is none that can be read."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
