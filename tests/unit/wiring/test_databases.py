"""The database that the settings name."""

from pathlib import Path

import psycopg.conninfo
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typed_settings.types import SecretStr

from repaircore.wiring.databases import check_database, migrated_by_opening, sandbox_anchor, server_url
from repaircore.wiring.settings import ConfigurationError, DatabaseSettings


@pytest.mark.parametrize(
    "url", ["memory:", "sqlite:///var/shop.db", "postgresql://shop@db.example.com/shop", "postgres://db.example.com"]
)
def test_databases_that_can_be_opened(url: str) -> None:
    """Each kind is known by its scheme."""
    check_database(DatabaseSettings(url=url))


@pytest.mark.parametrize("url", ["mysql://shop:hush@db.example.com/shop", "sqlite:///", "shop.db", ""])
def test_databases_that_cannot(url: str) -> None:
    """The refusal says how to write one that can, and tells no password."""
    with pytest.raises(
        ConfigurationError, match="write sqlite:///path, postgresql://user@host/name or memory:"
    ) as told:
        check_database(DatabaseSettings(url=url))

    assert "hush" not in str(told.value)


def test_settings_never_show_a_password() -> None:
    """Neither the one in the URL nor the one from the environment."""
    settings = DatabaseSettings(url="postgresql://shop:hush@db.example.com/shop", password=SecretStr("hush"))

    assert "postgresql://shop:***@db.example.com/shop" in repr(settings)
    assert "hush" not in repr(settings)


URLS = st.sampled_from(
    [
        "postgresql://shop@db.example.com/shop",
        "postgresql://shop:old@db.example.com:5432/shop",
        "postgresql://shop@db.example.com/shop?sslmode=require",
        "postgresql://shop@one.example.com:5432,two.example.com:5433/shop?target_session_attrs=read-write",
        "postgresql:///shop?user=shop",
    ]
)


@given(URLS, st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_password_reaches_the_server(url: str, password: str) -> None:
    """The password from the environment is the one that counts, whatever characters it has, and nothing else changes."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return
    understood = psycopg.conninfo.conninfo_to_dict(server_url(DatabaseSettings(url=url, password=SecretStr(password))))

    assert understood.pop("password") == password
    given = psycopg.conninfo.conninfo_to_dict(url)
    given.pop("password", None)
    assert understood == given


def test_a_password_pasted_as_it_is_would_be_another() -> None:
    """Why it is escaped: this one would say something else to the server."""
    pasted = "postgresql://shop@db.example.com/shop?password=a&b"

    with pytest.raises(psycopg.ProgrammingError):
        psycopg.conninfo.conninfo_to_dict(pasted)


def test_who_migrates() -> None:
    """A file has one program, which migrates it; a server has many, and is migrated when somebody says so."""
    assert migrated_by_opening(DatabaseSettings(url="sqlite:///shop.db"))
    assert not migrated_by_opening(DatabaseSettings(url="postgresql://db.example.com/shop"))


@pytest.mark.parametrize(
    ("url", "anchor"),
    [
        ("memory:", None),
        ("sqlite:///shop.db", Path("data/shop.db")),
        ("postgresql://db.example.com/shop", Path("data/var/repaircore")),
    ],
)
def test_where_the_sandbox_keeps_its_state(url: str, anchor: Path | None) -> None:
    """Beside the embedded database, in the data folder where there is none, and nowhere when nothing is kept."""
    assert sandbox_anchor(DatabaseSettings(url=url), Path("data")) == anchor
