"""How commands are asked, and how they answer what they do not understand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from repaircore.entrypoints.cli.manual import manual
from tests.unit.cli.running import Shell

_SCREEN = 40  # lines

COMMANDS = re.findall(r"^## `repaircore ?(.*)`$", manual(), re.MULTILINE)


@pytest.mark.parametrize("words", COMMANDS)
def test_help_fits_one_screen(shell: Shell, words: str) -> None:
    """Every command says what it does, and leaves with 0."""
    done = shell(*words.split(), "--help")

    assert done.code == 0
    assert done.out.startswith("Usage: repaircore")
    assert len(done.out.splitlines()) <= _SCREEN


def test_all_commands_are_there() -> None:
    """The commands that are promised."""
    promised = {"serve", "worker", "demo", "migrate", "check-config", "quote", "quote explain", "quote verify"}
    promised |= {"rulebook check", "keys create", "keys list", "keys revoke", "jobs list", "jobs replay"}

    assert promised <= set(COMMANDS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serv",), 'Did you mean "serve"?'),
        (("serve", "--port", "80x"), "--port"),
        (("serve", "--port", "70000"), "--port"),
        (("quote", "--device", "iphone-13-pro"), "--item"),
        (("keys", "create", "--role", "owner"), "--role"),
        (("jobs", "list", "--limit", "0"), "--limit"),
        (("keys", "revoke"), "ID"),
    ],
)
def test_wrong_usage(shell: Shell, words: tuple[str, ...], told: str) -> None:
    """One line on stderr, exit code 2, nothing on stdout."""
    done = shell(*words)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert told.casefold() in done.err.casefold()


def test_no_business(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to do is said."""
    monkeypatch.delenv("REPAIRCORE_CONFIG", raising=False)

    done = shell("keys", "list")

    assert done.code == 1
    assert done.err == "repaircore: no business is named: pass --config FILE or set REPAIRCORE_CONFIG\n"


def test_the_business_from_the_environment(
    shell: Shell, place: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """REPAIRCORE_CONFIG stands in for --config."""
    monkeypatch.setenv("REPAIRCORE_CONFIG", place[1])

    assert shell("check-config").out.startswith("name: RevivaTech\n")


def test_the_manual_is_in_step() -> None:
    """The documentation shows the help as it is."""
    page = Path(__file__).parents[3] / "docs" / "cli.md"

    assert page.read_text(encoding="utf-8") == manual(), "run `make docs`"


def loaded_by(statement: str) -> set[str]:
    """Answer the top-level packages that a fresh interpreter has after the statement."""
    program = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    """Asking for help costs no web framework and no database."""
    loaded = loaded_by("from repaircore.entrypoints.cli.app import run\nrun(['--help'])")

    assert not loaded & {"aiohttp", "sqlalchemy", "alembic", "jinja2", "phonenumbers", "structlog", "typed_settings"}


def test_a_server_loads_what_it_needs() -> None:
    """A server starts without the parser of the command line and without what its first message will need."""
    loaded = loaded_by("import repaircore.entrypoints.shop")

    assert "aiohttp" in loaded
    heavy = {"cyclopts", "rich", "sqlalchemy", "alembic", "jinja2", "mrml", "phonenumbers", "email_validator"}
    assert not loaded & (heavy | {"structlog", "stamina", "prometheus_client", "pydantic"})


def test_the_door_opens_before_the_rest_is_loaded() -> None:
    """A server listens and answers /health before it has loaded a web framework, a database or a use case."""
    loaded = loaded_by("import repaircore.entrypoints.serving")

    assert not loaded & {"aiohttp", "sqlite3", "typed_settings", "cattrs"}
