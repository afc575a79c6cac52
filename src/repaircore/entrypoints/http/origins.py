"""Which address a request comes from: the connection's, or what the shop's own proxies say."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from attrs import field, frozen

from repaircore.application.operations.limiting import Network

_REMEMBERED: Final = 4096
_SITE: Final = 64  # bits of an IPv6 address: whatever lies behind them is one customer's to hand out


@frozen
class Origin:
    """A client as it is counted: its address, or its site where that is IPv6."""

    name: str
    is_exempt: bool = False
    is_proxy: bool = False


@frozen
class Origins:
    """Tells clients apart. Only a trusted proxy is believed about where a request came from: of what `X-Forwarded-For` names, the
    last address that is not such a proxy's counts, for a client can write whatever it likes before it."""

    trusted: tuple[Network, ...] = ()
    exempt: tuple[Network, ...] = ()
    _seen: dict[str, Origin] = field(factory=dict, init=False, repr=False)

    def of(self, peer: str | None, forwarded: str | None) -> Origin:
        """Answer where a request came from; the peer is the other end of the connection."""
        origin = self._origin(peer or "")
        if origin.is_proxy and forwarded is not None:
            for step in reversed(forwarded.split(",")):
                origin = self._origin(step.strip())
                if not origin.is_proxy:
                    break
        return origin

    def _origin(self, text: str) -> Origin:
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self._read(text)
        return known

    def _read(self, text: str) -> Origin:
        try:
            address = _plain(ip_address(_without_port(text)))
        except ValueError:
            return Origin("unknown")
        return Origin(
            _counted(address),
            any(address in network for network in self.exempt),
            any(address in network for network in self.trusted),
        )


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address within IPv6 is that IPv4 address."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _counted(address: IPv4Address | IPv6Address) -> str:
    return str(address) if isinstance(address, IPv4Address) else str(ip_network((address, _SITE), strict=False))


def _without_port(text: str) -> str:
    """Some proxies write the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
