"""What counts requests, and how processes tell each other, as the business file says."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.limits.fallback import FallbackLimits
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.adapters.pubsub.memory import MemoryPubSub
from repaircore.adapters.pubsub.postgresql import PostgresqlPubSub
from repaircore.adapters.pubsub.redis import RedisPubSub
from repaircore.application.operations.limiting import Asker, Traffic
from repaircore.ports.limits import Limit
from repaircore.wiring.checking import check_business
from repaircore.wiring.limits import limiting, terms
from repaircore.wiring.pubsub import pubsub
from repaircore.wiring.settings import (
    ConfigurationError,
    DatabaseSettings,
    LimitsSettings,
    ProviderTables,
    PubSubSettings,
    ReadAllowance,
    Settings,
    load_settings,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "revivatech" / "business.toml"
VALKEY = ProviderTables({"redis": {"url": "redis://valkey.example.com:6379/0"}})


def written(folder: Path, text: str) -> Path:
    """The example business with more in its file."""
    shutil.copytree(EXAMPLE.parent, folder, dirs_exist_ok=True)
    path = folder / "business.toml"
    path.write_text(EXAMPLE.read_text() + text)
    return path


def made(settings: LimitsSettings) -> Any:
    """What counts."""
    return limiting(settings, clock=ManualClock(), environment="development").limits


def test_usual_terms() -> None:
    """Everybody is limited by something, except tokens and keys that are not genuine: those count by address."""
    usual = terms(LimitsSettings())

    assert usual[Traffic.READ, Asker.ADDRESS] == Limit("read-address", 1200, 60)
    assert set(usual) == {(kind, asker) for kind in (Traffic.READ, Traffic.WRITE) for asker in Asker} | {
        (Traffic.REFUSED, Asker.ADDRESS)
    }


def test_terms_of_ones_own(tmp_path: Path) -> None:
    """One figure in the file changes that figure; 0 is no limit."""
    settings = load_settings(written(tmp_path, "\n[limits.read]\naddress = 7\nkey = 0\nseconds = 10\n"))

    changed = terms(settings.limits)
    assert changed[Traffic.READ, Asker.ADDRESS] == Limit("read-address", 7, 10)
    assert changed[Traffic.READ, Asker.TOKEN] == Limit("read-token", 1200, 10)
    assert (Traffic.READ, Asker.KEY) not in changed
    assert changed[Traffic.WRITE, Asker.ADDRESS] == Limit("write-address", 300, 60)


def test_what_is_shared_falls_back() -> None:
    """A counter outside is wrapped, one in the process is not."""
    assert isinstance(made(LimitsSettings()), MemoryLimits)
    assert isinstance(made(LimitsSettings(provider="redis", providers=VALKEY)), FallbackLimits)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (LimitsSettings(provider="reddis"), "limits.provider: there is no provider 'reddis'; did you mean 'redis'"),
        (LimitsSettings(provider="redis"), "limits.providers.redis: these options are missing: url"),
        (LimitsSettings(read=ReadAllowance(address=-1)), "limits.read.address: must not be below zero"),
        (LimitsSettings(read=ReadAllowance(seconds=0)), "limits.read.seconds: must be at least 1"),
        (LimitsSettings(trusted_proxies=("proxy",)), "limits.trusted_proxies: 'proxy' does not appear"),
        (LimitsSettings(exempt=("10.0.0.1/8",)), "limits.exempt: 10.0.0.1/8 has host bits set"),
    ],
)
def test_limits_that_cannot_be(settings: LimitsSettings, told: str) -> None:
    """The refusal names the setting."""
    with pytest.raises(ConfigurationError, match=told):
        made(settings)


@pytest.mark.parametrize("room", ["limits", "pubsub"])
def test_addresses_that_are_none(tmp_path: Path, room: str) -> None:
    """They are refused when the configuration is checked, without their passwords."""
    text = f'\n[{room}]\nprovider = "redis"\n[{room}.providers.redis]\nurl = "http://shop:hush@valkey.example.com"\n'

    with pytest.raises(ConfigurationError, match=f"{room}.providers.redis: .*write redis://host:port/0") as refusal:
        check_business(written(tmp_path, text), data_dir=tmp_path)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "chosen", "kind"),
    [
        ("sqlite:///shop.db", "", MemoryPubSub),
        ("memory:", "", MemoryPubSub),
        ("postgresql://shop@db.example.com/shop", "", PostgresqlPubSub),
        ("postgresql://shop@db.example.com/shop", "memory", MemoryPubSub),
        ("sqlite:///shop.db", "redis", RedisPubSub),
    ],
)
def test_the_usual_way_of_telling(url: str, chosen: str, kind: type[Any]) -> None:
    """It goes where the data is, unless another is named."""
    settings: Settings = evolve(
        load_settings(EXAMPLE),
        database=DatabaseSettings(url=url),
        pubsub=PubSubSettings(provider=chosen, providers=VALKEY),
    )

    assert isinstance(pubsub(settings, clock=ManualClock()), kind)
