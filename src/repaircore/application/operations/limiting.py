"""Who may ask how often: the shop's terms, applied to each request."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from attrs import frozen

from repaircore.ports.limits import Limit, RateLimits, Verdict

Network = IPv4Network | IPv6Network


class Traffic(StrEnum):
    """What a request costs: reading, changing something, or presenting a key or token that is not genuine."""

    READ = "read"
    WRITE = "write"
    REFUSED = "refused"


class Asker(StrEnum):
    """By what somebody is known: a client's address, a token for one thing, or an API key."""

    ADDRESS = "address"
    TOKEN = "token"
    KEY = "key"


Terms = Mapping[tuple[Traffic, Asker], Limit]
"""The limits; whoever is not in it is not limited."""


@frozen
class Asked:
    """What became of a request under its limit."""

    limit: Limit
    verdict: Verdict


@frozen(kw_only=True)
class Limiting:
    """Counts requests under the shop's terms. Requests whose way here is `trusted_proxies` name their client themselves; whoever
    asks from an `exempt` network is counted and never refused."""

    limits: RateLimits
    terms: Terms
    trusted_proxies: tuple[Network, ...] = ()
    exempt: tuple[Network, ...] = ()

    async def count(self, traffic: Traffic, asker: Asker, who: str) -> Asked | None:
        """Count a request; None where nothing limits it."""
        limit = self.terms.get((traffic, asker))
        if limit is None:
            return None
        return Asked(limit, await self.limits.hit(limit, who))
