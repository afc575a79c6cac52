"""What cannot be run is refused in one line that says what to do, by every command, without a traceback."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.places import Place

Change = Callable[[str], str]


def _with(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


_TIE = """
[[rules]]
id = "{id}"
stage = "season"
percent = 5
reason = "Autumn"
"""

BROKEN = {
    "a setting that nobody knows": ("business.toml", _with("currency", "curency"), "did you mean 'currency'?"),
    "the wrong currency": ("business.toml", _with('"GBP"', '"EUR"'), "but the business is in EUR"),
    "a time zone that is none": ("business.toml", _with("Europe/London", "Europe/Londn"), "not an IANA time zone"),
    "a provider that is none": ("business.toml", _with('"sandbox"', '"sandbx"'), "did you mean 'sandbox'?"),
    "broken TOML": ("business.toml", _with("[contact]", "[contact"), "line"),
    "rules that tie": (
        "rulebook.toml",
        lambda text: text + _TIE.format(id="one") + _TIE.format(id="other"),
        "'one' (rulebook.toml",
    ),
    "a device of a category that is none": (
        "catalog/devices.csv",
        _with(",iphone,", ",iphon,"),
        "catalog/devices.csv:",
    ),
}


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """Answer the one line on stderr of a command that could not be done."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("repaircore: ")
    return lines[0]


@pytest.mark.parametrize("command", [("check-config",), ("serve", "--port", "0")], ids=["check-config", "serve"])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_business(bench: Place, tmp_path: Path, fault: str, command: tuple[str, ...]) -> None:
    """Nothing starts, nothing is stored, and the line names the fault."""
    file, change, told = BROKEN[fault]
    broken = bench.copied(tmp_path / "shop", file=file, change=change)

    line = refused(broken.run(*command))

    assert told in line
    assert not list(bench.data.rglob("*.db"))


def test_no_business() -> None:
    """A business file that is not there is named."""
    nowhere = Place(Path("nowhere.toml"), Path())

    assert "there is no business file nowhere.toml" in refused(nowhere.run("keys", "list"))


def test_the_sandbox_in_production(bench: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that moves no money does not start where money is meant."""
    monkeypatch.setenv("REPAIRCORE_SECRET_KEY", "k" * 40)
    change = _with('environment = "development"', 'environment = "production"')
    live = bench.copied(tmp_path / "shop", change=change)

    assert "the payment sandbox moves no money" in refused(live.run("serve", "--port", "0"))


def test_production_without_a_secret(bench: Place, tmp_path: Path) -> None:
    """Tokens are not signed with a secret that lies beside the data."""
    change = _with('environment = "development"', 'environment = "production"')
    live = bench.copied(tmp_path / "shop", change=change)

    assert "set REPAIRCORE_SECRET_KEY" in refused(live.run("serve", "--port", "0"))


def test_wrong_usage(bench: Place) -> None:
    """An option that is none is wrong usage, which is another exit code."""
    done = bench.run("serve", "--prot", "80")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--prot" in done.stderr
