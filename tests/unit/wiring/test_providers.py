"""Providers by name: found, filled from file and environment, refused with what to do."""

from importlib.metadata import entry_points

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.notifications.smtp import SmtpMailer
from repaircore.wiring.providers import BUILT_IN, build
from repaircore.wiring.settings import ConfigurationError

SENDER = {"name": "Shop", "address": "shop@example.com"}


def smtp(given: dict[str, object], environment: str = "development") -> SmtpMailer:
    """Build the SMTP mailer from a business file's table."""
    mailer = build(
        "notifications", "smtp", given, defaults={"sender": SENDER}, clock=ManualClock(), environment=environment
    )
    assert isinstance(mailer, SmtpMailer)
    return mailer


def test_built_ins_are_what_is_registered() -> None:
    """The short cut to our own providers and their entry points name the same."""
    registered = {
        (room, point.name): point.value
        for room in ("payments", "notifications", "limits", "pubsub")
        for point in entry_points(group=f"repaircore.{room}")
    }

    assert registered == {name: f"{module}:build" for name, module in BUILT_IN.items()}


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's option may stand in the environment, and goes before the file."""
    monkeypatch.setenv("REPAIRCORE_NOTIFICATIONS_SMTP_PASSWORD", "from the environment")

    mailer = smtp({"host": "mail.example.com", "username": "shop", "password": "from the file"})

    assert mailer.settings.password == "from the environment"
    assert "from the environment" not in repr(mailer.settings)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hots": "mail.example.com"}, "there is no option 'hots'; did you mean 'host'?"),
        ({}, "these options are missing: host"),
        ({"host": 25}, "must be a text, not 25"),
        ({"host": "mail.example.com", "port": 99999}, "a port is between"),
        ({"host": "mail.example.com", "username": "shop"}, "both username and password"),
    ],
)
def test_options_that_will_not_do(given: dict[str, object], message: str) -> None:
    """Each fault names the provider's table and says what is wrong."""
    with pytest.raises(ConfigurationError, match=r"notifications\.providers\.smtp") as refused:
        smtp(given)
    assert message in str(refused.value)


def test_a_provider_nobody_installed() -> None:
    """A misspelt name gets the nearest one."""
    with pytest.raises(ConfigurationError, match="did you mean 'sandbox'"):
        build("payments", "sandbx", {}, defaults={}, clock=ManualClock(), environment="development")


@pytest.mark.parametrize("provider", ["sandbox", "memory"])
def test_what_only_pretends_is_refused_in_production(provider: str) -> None:
    """Nothing that moves no money runs where customers pay."""
    defaults = {"base_url": "http://127.0.0.1:1", "api_key": "k", "webhook_secrets": ["s"]}

    with pytest.raises(ConfigurationError, match="production"):
        build("payments", provider, {}, defaults=defaults, clock=ManualClock(), environment="production")
