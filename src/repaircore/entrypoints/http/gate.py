"""The gate that every request passes: within its limit it goes on and is told how much is left, beyond it is answered 429."""

from collections.abc import Mapping

from aiohttp import web
from attrs import field, frozen

from repaircore.application.operations.limiting import Asked, Asker, Limiting, Traffic
from repaircore.domain.actors import Role
from repaircore.entrypoints.http.callers import Caller
from repaircore.entrypoints.http.origins import Origin, Origins
from repaircore.entrypoints.http.refusals import Refusal

LEFT, POLICY = "RateLimit", "RateLimit-Policy"  # draft-ietf-httpapi-ratelimit-headers
Told = Mapping[str, str]
_NOTHING: Told = {}


class TooManyRequests(Refusal):
    """Whoever asks has asked too often."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


@frozen
class Gate:
    """Counts each request under what its caller is known by: the key, the token, or else the client's address."""

    limiting: Limiting
    _origins: Origins = field(init=False, repr=False)

    @_origins.default
    def _of_the_terms(self) -> Origins:
        return Origins(self.limiting.trusted_proxies, self.limiting.exempt)

    async def admit(self, request: web.Request, caller: Caller, traffic: Traffic) -> Told:
        """Count a request, and answer the headers that tell of it. Raises TooManyRequests."""
        origin = self._origin(request)
        if caller.actor.role is not Role.GUEST:
            asked = await self.limiting.count(traffic, Asker.KEY, caller.actor.id)
        elif caller.subject:
            asked = await self.limiting.count(traffic, Asker.TOKEN, caller.subject)
        else:
            asked = await self.limiting.count(traffic, Asker.ADDRESS, origin.name)
        return _judged(asked, origin)

    async def refuse(self, request: web.Request) -> Told:
        """Count a key or token that is not genuine, and answer the headers. Raises TooManyRequests."""
        origin = self._origin(request)
        return _judged(await self.limiting.count(Traffic.REFUSED, Asker.ADDRESS, origin.name), origin)

    def _origin(self, request: web.Request) -> Origin:
        return self._origins.of(request.remote, ",".join(request.headers.getall("X-Forwarded-For", ())) or None)


def _judged(asked: Asked | None, origin: Origin) -> Told:
    if asked is None:
        return _NOTHING
    limit, verdict = asked.limit, asked.verdict
    told = {
        LEFT: f'"{limit.name}";r={verdict.remaining};t={verdict.reset}',
        POLICY: f'"{limit.name}";q={limit.amount};w={limit.seconds}',
    }
    if verdict.admitted or origin.is_exempt:
        return told
    raise TooManyRequests(
        f"more than {limit.amount} requests in {limit.seconds} seconds: try again in {verdict.reset} seconds",
        headers={**told, "Retry-After": str(verdict.reset)},
    )
