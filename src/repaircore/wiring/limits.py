"""How often who may ask, as the settings say."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network

from repaircore.adapters.limits.fallback import FallbackLimits
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.application.operations.limiting import Asker, Limiting, Network, Terms, Traffic
from repaircore.ports.clock import Clock
from repaircore.ports.limits import Limit, RateLimits
from repaircore.wiring import providers as registry
from repaircore.wiring.settings import Allowance, ConfigurationError, LimitsSettings, options


def limiting(
    settings: LimitsSettings, *, clock: Clock, environment: str, report: Callable[[str], None] = lambda trouble: None
) -> Limiting:
    """Make what counts requests; nothing is connected yet. `report` is told when a shared count is lost, and when it is back.

    Raises ConfigurationError.
    """
    return Limiting(
        limits=_limits(settings, clock, environment, report),
        terms=terms(settings),
        trusted_proxies=_networks("trusted_proxies", settings.trusted_proxies),
        exempt=_networks("exempt", settings.exempt),
    )


def terms(settings: LimitsSettings) -> Terms:
    """Answer the limits that are set. Raises ConfigurationError."""
    tables: Mapping[Traffic, Allowance] = {
        Traffic.READ: settings.read,
        Traffic.WRITE: settings.write,
        Traffic.REFUSED: settings.refused,
    }
    return {
        (traffic, asker): Limit(f"{traffic}-{asker}", amount, _seconds(traffic, allowance))
        for traffic, allowance in tables.items()
        for asker in Asker
        if (amount := _amount(traffic, asker, allowance))
    }


def _limits(settings: LimitsSettings, clock: Clock, environment: str, report: Callable[[str], None]) -> RateLimits:
    given = options(settings.providers, settings.provider)
    made: RateLimits = registry.build(
        "limits", settings.provider, given, defaults={}, clock=clock, environment=environment
    )
    if isinstance(made, MemoryLimits):
        return made
    return FallbackLimits(made, MemoryLimits(clock), clock=clock, report=report)


def _amount(traffic: Traffic, asker: Asker, allowance: Allowance) -> int:
    amount: int = getattr(allowance, asker)
    if amount < 0:
        raise ConfigurationError(f"limits.{traffic}.{asker}: must not be below zero; 0 is no limit")
    return amount


def _seconds(traffic: Traffic, allowance: Allowance) -> int:
    if allowance.seconds < 1:
        raise ConfigurationError(f"limits.{traffic}.seconds: must be at least 1")
    return allowance.seconds


def _networks(setting: str, texts: Iterable[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise ConfigurationError(f"limits.{setting}: {error}: write a network such as 10.0.0.0/8") from None
