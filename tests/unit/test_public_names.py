"""What a user of the library sees first: names that exist, are documented, and cost nothing to import."""

import subprocess
import sys

import repaircore

HEAVY = (
    "aiohttp",
    "sqlalchemy",
    "sqlite3",
    "alembic",
    "stripe",
    "twilio",
    "jinja2",
    "msgspec",
    "typed_settings",
    "asyncio",
)


def test_every_public_name_is_documented() -> None:
    """Each name at the package's root is there, with a docstring of its own."""
    for name in repaircore.__all__:
        assert getattr(repaircore, name).__doc__, name


def test_an_unknown_name() -> None:
    """A misspelt name is an AttributeError, as of any module."""
    assert not hasattr(repaircore, "opencore")


def test_importing_is_cheap() -> None:
    """`import repaircore` brings in no web framework, no database driver and no provider's package."""
    code = "import sys, repaircore; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not set(HEAVY) & set(loaded)
    assert "repaircore.domain" not in loaded
