"""Where a request comes from."""

from ipaddress import ip_network

import pytest

from repaircore.entrypoints.http.origins import Origins

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "name"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7,10.0.0.2 , 10.0.0.3", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.9", "10.0.0.9"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::/64"),
        ("10.0.0.1", "nobody", "unknown"),
        ("10.0.0.1", "198.51.100.7, nobody", "unknown"),
        ("10.0.0.1", "", "unknown"),
        ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("fd00::1", "2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:bbbb::2", None, "2001:db8:0:1::/64"),
        (None, None, "unknown"),
    ],
)
def test_who_it_is(peer: str | None, forwarded: str | None, name: str) -> None:
    """The last address that is not a trusted proxy's; of IPv6 the site, which one customer has to themselves."""
    assert Origins(PROXIES).of(peer, forwarded).name == name


def test_exempt_by_where_they_really_are() -> None:
    """A proxy that is exempt itself does not exempt its clients, and a stranger cannot claim to be."""
    origins = Origins(PROXIES, (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8")))

    assert origins.of("127.0.0.1", None).is_exempt
    assert not origins.of("10.0.0.1", "192.0.2.1").is_exempt
    assert not origins.of("192.0.2.1", "127.0.0.1").is_exempt


def test_memory_is_bounded() -> None:
    """Any number of addresses may come by."""
    origins = Origins()
    for number in range(10_000):
        origins.of(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", None)

    assert len(origins._seen) <= 4096
