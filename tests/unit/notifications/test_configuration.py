"""Mailers from the tables of a business's file."""

from pathlib import Path
from typing import Any

import pytest

from repaircore.adapters.notifications.file import Settings as FileSettings
from repaircore.adapters.notifications.mime import Sender
from repaircore.adapters.notifications.smtp import Security
from repaircore.adapters.notifications.smtp import Settings as SmtpSettings
from repaircore.domain.operations.business import Environment
from repaircore.wiring import providers
from repaircore.wiring.settings import ConfigurationError
from tests.unit.notifications.letters import StandingClock

SHOP = {"address": "shop@example.com", "name": "The Shop"}


def configured(provider: str, table: dict[str, Any], environment: Environment = Environment.PRODUCTION) -> Any:
    """Build a mailer as the core does."""
    return providers.build(
        "notifications", provider, table, defaults={"sender": SHOP}, clock=StandingClock(), environment=environment
    )


def test_files(tmp_path: Path) -> None:
    """A directory is all it needs."""
    mailer = configured("file", {"directory": str(tmp_path)})

    assert mailer.settings == FileSettings(
        directory=tmp_path, sender=Sender(address="shop@example.com", name="The Shop")
    )


def test_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password may come from the environment; the port is the usual one for the encryption chosen."""
    monkeypatch.setenv("REPAIRCORE_NOTIFICATIONS_SMTP_PASSWORD", "from the environment")

    mailer = configured("smtp", {"host": "mail.example.com", "security": "tls", "username": "desk", "deadline": 5})

    assert mailer.settings == SmtpSettings(
        host="mail.example.com",
        sender=Sender(address="shop@example.com", name="The Shop"),
        security=Security.TLS,
        username="desk",
        password="from the environment",
        deadline=5.0,
    )


def test_memory_in_production() -> None:
    """A mailer that only pretends is refused where people wait for their messages."""
    assert configured("memory", {}, Environment.TEST).deduplicates

    with pytest.raises(ConfigurationError, match="choose file or smtp"):
        configured("memory", {})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"username": "desk"}, "both username and password"),
        ({"username": "desk", "password": "x", "security": "none", "host": "mail.example.com"}, "in the clear"),
        ({"security": "ssl"}, "security"),
        ({"port": 70000}, "a port is between"),
        ({"deadline": 0}, "the deadline is more than 0"),
        ({"ca_file": "/nowhere.pem"}, "not a readable file of certificates"),
        ({"pasword": "x"}, "did you mean 'password'"),
        ({"sender": {"address": "shop"}}, "not an e-mail address"),
        ({"sender": {"adress": "shop@example.com"}}, "sender"),
    ],
)
def test_settings_that_cannot_work(changes: dict[str, Any], problem: str) -> None:
    """They are refused when the core starts, with a line that says which and why."""
    with pytest.raises(ConfigurationError, match=problem):
        configured("smtp", {"host": "127.0.0.1", **changes})
