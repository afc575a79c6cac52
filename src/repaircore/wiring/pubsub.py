"""The way of telling other processes that the settings name."""

from collections.abc import Mapping
from typing import Any

from repaircore.adapters.storage.urls import is_postgresql
from repaircore.ports.clock import Clock
from repaircore.ports.pubsub import PubSub
from repaircore.wiring import providers as registry
from repaircore.wiring.databases import server_url
from repaircore.wiring.settings import Settings, options


def pubsub(settings: Settings, *, clock: Clock) -> PubSub:
    """Make it; nothing is connected yet. Without a word it goes where the data is. Raises ConfigurationError."""
    usual = "postgresql" if is_postgresql(settings.database.url) else "memory"
    name = settings.pubsub.provider or usual
    defaults: Mapping[str, Any] = {"url": server_url(settings.database)} if name == usual == "postgresql" else {}
    made: PubSub = registry.build(
        "pubsub",
        name,
        options(settings.pubsub.providers, name),
        defaults=defaults,
        clock=clock,
        environment=settings.environment,
    )
    return made
