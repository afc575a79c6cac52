"""What the commands say, to people and to scripts."""

import asyncio
import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest

from repaircore import open_core
from repaircore.entrypoints.cli.output import progress, write_table
from repaircore.ports.jobs import JobState, NewJob
from tests.unit.cli.conftest import EXAMPLES
from tests.unit.cli.running import Shell

Place = tuple[str, ...]

URGENT = ("quote", "--device", "iphone-13-pro", "--item", "screen-repair", "--urgency", "urgent")


def test_a_quote_for_people(shell: Shell, place: Place) -> None:
    """Lines, the tax within, the total, and the deposit that is a part of it."""
    said = shell(*URGENT, *place).out

    assert "Apple iPhone 13 Pro" in said
    for words in (
        ("Screen repair", "GBP 248.00"),
        ("VAT 20 % (within)", "GBP 41.33"),
        ("of it as deposit", "GBP 62.00"),
    ):
        assert any(all(word in line for word in words) for line in said.splitlines())


def test_several_of_a_service(shell: Shell, place: Place) -> None:
    """`--item service=2` is two of it."""
    said = json.loads(shell(*URGENT, "--item", "battery-replacement=2", "--json", *place).out)

    assert [(line["code"], line["quantity"]) for line in said["lines"]] == [
        ("screen-repair", 1),
        ("battery-replacement", 2),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--device", "iphone-13-prp", "--item", "screen-repair"), "did you mean 'iphone-13-pro'?"),
        (("--device", "iphone-13-pro", "--item", "screen-repare"), "did you mean 'screen-repair'?"),
        (("--device", "iphone-13-pro", "--item", "screen-repair=many"), "SERVICE=2"),
        (("--device", "iphone-13-pro", "--item", "screen-repair", "--urgency", "urgnt"), "did you mean 'urgent'?"),
        (("--device", "iphone-13-pro", "--item", "screen-repair", "--slot-start", "2020-01-01"), "offset"),
    ],
)
def test_a_quote_that_cannot_be(shell: Shell, place: Place, words: Place, told: str) -> None:
    """One line that names what is near."""
    done = shell("quote", *words, *place)

    assert (done.code, done.out) == (1, "")
    assert told in done.err


def test_an_explanation_for_people(shell: Shell, place: Place) -> None:
    """Sentences for the customer, what would change it, and every rule that did something."""
    quote = json.loads(shell(*URGENT, "--json", *place).out)

    said = shell("quote", "explain", quote["id"], *place).out

    assert "Screen repair: £248.00. It starts at £150.00; £15.00 more" in said
    assert "With urgency standard, it would be £165.00: £83.00 less." in said
    assert re.search(r"urgency/urgent +GBP 165.00 +GBP 247.50 +Urgency: urgent", said)
    assert "not applied:" not in said


def test_an_explanation_for_staff(shell: Shell, place: Place) -> None:
    """All rules, with why the others did nothing; of one stage where that is asked for."""
    quote = json.loads(shell(*URGENT, "--json", *place).out)

    said = shell("quote", "explain", quote["id"], "--all", "--stage", "urgency", *place).out

    assert re.search(r"urgency/low .*not applied: applies to urgency low; this quote is urgent", said)
    assert "whole-pounds" not in said


def test_an_explanation_in_another_language(shell: Shell, place: Place) -> None:
    """Sentences are in the language asked for; one that is not there says which are."""
    quote = json.loads(shell(*URGENT, "--json", *place).out)

    said = json.loads(shell("quote", "explain", quote["id"], "--language", "de", "--json", *place).out)

    assert said["deposit"]["sentence"] == "62,00 £ sind im Voraus fällig und werden auf den Preis angerechnet."
    assert "Known: de, en, fr" in shell("quote", "explain", quote["id"], "--language", "nl", *place).err


def test_a_receipt_is_verified(shell: Shell, place: Place) -> None:
    """An old quote recomputes to its receipt; one that is not there says so."""
    quote = json.loads(shell(*URGENT, "--json", *place).out)

    assert shell("quote", "verify", quote["id"], *place).out == f"The quote is as it was: {quote['receipt_hash']}\n"
    assert shell("quote", "verify", "qt_0", *place).err == "repaircore: there is no quote 'qt_0'\n"


def test_a_sound_rulebook(shell: Shell, place: Place) -> None:
    """The example's rules agree with each other."""
    done = shell("rulebook", "check", *place)

    assert done.code == 0
    assert "no errors" in done.out
    assert json.loads(shell("rulebook", "check", "--json", *place).out)["ok"] is True


def test_a_checked_configuration(shell: Shell, place: Place, tmp_path: Path) -> None:
    """It is told what was found, and nothing is written."""
    said = json.loads(shell("check-config", "--json", *place).out)

    assert (said["ok"], said["name"], said["devices"]) == (True, "RevivaTech", 98)
    assert list(tmp_path.iterdir()) == []


def test_every_fault_of_a_configuration(shell: Shell, tmp_path: Path) -> None:
    """All faults on stdout, the first of them on stderr."""
    broken = tmp_path / "business.toml"
    broken.write_text('name = "Shop"\n')

    done = shell("check-config", "--config", str(broken))

    assert done.code == 1
    assert len(done.out.splitlines()) > 1
    assert len(done.err.splitlines()) == 1
    assert json.loads(shell("check-config", "--config", str(broken), "--json").out)["ok"] is False


def test_a_text_that_nobody_fills_in(shell: Shell, tmp_path: Path) -> None:
    """The texts of explanations are a part of the configuration."""
    shutil.copytree(EXAMPLES / "revivatech", tmp_path / "shop")
    (tmp_path / "shop" / "texts" / "fr.toml").write_text('[deposit]\ndue = "{somme} d\'avance"\n', "utf-8")

    done = shell("check-config", "--config", str(tmp_path / "shop" / "business.toml"))

    assert done.code == 1
    assert "fr.toml: deposit.due: {somme} is not filled in here, but {amount}" in done.err


def test_keys_for_people(shell: Shell, place: Place) -> None:
    """The key is shown once, and never listed."""
    made = shell("keys", "create", "--role", "technician", "--label", "bench tablet", *place).out
    key = next(line.split()[-1] for line in made.splitlines() if line.startswith("key"))

    listed = shell("keys", "list", *place).out

    assert key.startswith("rk_")
    assert "bench tablet" in listed
    assert key not in listed


def test_no_keys_yet(shell: Shell, place: Place) -> None:
    """An empty list says that it is empty."""
    assert shell("keys", "list", *place).out == "There are no keys yet.\n"
    assert json.loads(shell("keys", "list", "--json", *place).out) == []


async def _kill_a_job(place: Place) -> str:
    async with open_core(place[1], data_dir=place[3]) as core:
        async with core.providers.storage.unit_of_work() as work:
            work.enqueue(NewJob(name="nobody.knows"))
            await work.commit()
        await core.operations.worker.drain()
        (dead,) = await core.operations.find_jobs(state=JobState.DEAD)
        return dead.id


def test_a_dead_job_is_found_and_replayed(shell: Shell, place: Place) -> None:
    """It is listed with its reason, queued again once, and then no longer dead."""
    job = asyncio.run(_kill_a_job(place))

    (dead,) = json.loads(shell("jobs", "list", "--state", "dead", "--json", *place).out)
    assert (dead["id"], dead["name"]) == (job, "nobody.knows")
    assert "no handler" in dead["last_error"]
    assert "nobody.knows" in shell("jobs", "list", "--state", "dead", *place).out

    assert shell("jobs", "replay", job, *place).out == f"{job} is queued again.\n"
    assert shell("jobs", "replay", job, *place).err == f"repaircore: there is no dead job {job!r}\n"
    assert shell("jobs", "replay", "--all", *place).out == "There are no dead jobs.\n"
    assert "or pass --all" in shell("jobs", "replay", *place).err


class Terminal(StringIO):
    """Pretends that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(StringIO(), False), (Terminal(), True)])
def test_progress_is_for_terminals(stream: StringIO, shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar where somebody watches, silence in a file."""
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")

    with progress("Reading", phases=1) as phase:
        phase("Reading the files")

    assert ("Reading the files" in stream.getvalue()) is shown


def test_a_table_in_a_file_is_not_folded(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts cut lines at their ends, not at a terminal's width."""
    write_table(("name", "why"), [["long", "x" * 300]], empty="")

    assert "x" * 300 in capsys.readouterr().out
