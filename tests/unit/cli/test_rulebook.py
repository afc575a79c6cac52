"""`repaircore rulebook …`: a change of prices from the first look to the rollback."""

import json
import shutil
import struct
import zlib
from pathlib import Path

import pytest

from repaircore.entrypoints.cli import histogram, lettering
from repaircore.entrypoints.cli.output import counting
from tests.unit.cli.conftest import EXAMPLES
from tests.unit.cli.running import Shell

Place = tuple[str, ...]
URGENT = ("quote", "--device", "iphone-13-pro", "--item", "screen-repair", "--urgency", "urgent", "--json")


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """The example's rulebook with dearer urgent work, as a new version."""
    folder = tmp_path / "candidate"
    shutil.copytree(EXAMPLES / "revivatech", folder)
    file = folder / "rulebook.toml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace('version = "2025-1"', 'version = "2025-2"').replace(
        "urgent = 1.5, emerg", "urgent = 1.6, emerg"
    )
    file.write_text(changed, encoding="utf-8")
    return file


def test_checking_a_file(shell: Shell, place: Place, candidate: Path) -> None:
    """A file is checked as the business's own is; faults are told with file and line."""
    assert "Rulebook 2025-2" in shell("rulebook", "check", str(candidate), *place).out

    candidate.write_text(candidate.read_text(encoding="utf-8").replace("urgent = 1.6", "urgnt = 1.6"), encoding="utf-8")
    done = shell("rulebook", "check", str(candidate), *place)

    assert done.code == 1
    assert "rulebook.toml:" in done.err
    assert "did you mean 'urgent'?" in done.err


def test_a_difference_in_shop_words(shell: Shell, place: Place, candidate: Path) -> None:
    """What was written, and what it does to prices; equal rulebooks say the same."""
    shell(*URGENT, *place)

    said = shell("rulebook", "diff", "2025-1", str(candidate), *place).out

    assert "changed urgency/urgent  (rulebook.toml:" in said
    assert "    multiply: 1.5 → 1.6" in said
    assert "  Screen repair for Apple iPhone 16 Pro Max, " in said
    assert "£248 → £264 when urgent" in said
    assert shell("rulebook", "diff", "2025-1", *place).out == "They say the same.\n"
    plain = json.loads(shell("rulebook", "diff", "2025-1", str(candidate), "--json", *place).out)
    assert plain["rules"][0]["fields"] == [{"field": "multiply", "before": "1.5", "after": "1.6"}]
    assert plain["prices"][0]["after"]["currency"] == "GBP"


def test_a_simulation(shell: Shell, place: Place, candidate: Path, tmp_path: Path) -> None:
    """Real quotes once more, in words, as JSON and as a picture."""
    for _ in range(2):
        shell(*URGENT, *place)
    picture = tmp_path / "changes.png"

    said = shell("rulebook", "simulate", str(candidate), "--png", str(picture), *place).out

    assert "2 quotes: 2 pay more, 0 less, 0 the same; 0 not offered any more." in said
    assert "Together £496 → £528 (+£32, +6.5 %)" in said
    assert "+5 % to +10 % " in said
    assert "urgency/urgent" in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    plain = json.loads(shell("rulebook", "simulate", str(candidate), "--last", "1", "--json", *place).out)
    assert plain["total"] == {"count": 1, "more": 1, "less": 0, "before": 24800, "after": 26400}


def test_a_simulation_of_jobs_from_a_file(shell: Shell, place: Place, candidate: Path, tmp_path: Path) -> None:
    """Jobs from a CSV are compared with the rulebook in force; a faulty row is named."""
    jobs = tmp_path / "jobs.csv"
    jobs.write_text(
        "device,service,quantity,urgency,at\n"
        "iphone-13-pro,screen-repair,2,urgent,2026-03-02T10:00:00+00:00\n"
        "iphone-13-pro,screen-repair,,,\n"
    )
    shell(*URGENT, *place)

    plain = json.loads(shell("rulebook", "simulate", str(candidate), "--from", str(jobs), "--json", *place).out)

    assert plain["total"] == {"count": 2, "more": 1, "less": 0, "before": 66100, "after": 69300}
    assert plain["dearest"][0]["id"] == "jobs.csv:2"
    jobs.write_text("device,service\niphone-13-prp,screen-repair\n")
    done = shell("rulebook", "simulate", str(candidate), "--from", str(jobs), *place)
    assert "jobs.csv:2: device: " in done.err
    assert "did you mean 'iphone-13-pro'?" in done.err
    jobs.write_text("device,service\niphone-13-prp,screen-repairs\n")
    done = shell("rulebook", "simulate", str(candidate), "--from", str(jobs), *place)
    assert "jobs.csv:2: device: " in done.err
    assert "jobs.csv:2: service: " in done.err
    assert done.err.endswith("repaircore: nothing is simulated: 2 faults, listed above\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("device\nx\n", "jobs.csv:1: service: this column is missing"),
        ("device,service,urgncy\n", "jobs.csv:1: urgncy: is not a known column; did you mean 'urgency'?"),
        ("device,service,quantity\niphone-13-pro,screen-repair,0\n", "jobs.csv:2: quantity: '0' is not a number"),
        ("device,service,at\niphone-13-pro,screen-repair,monday\n", "jobs.csv:2: at: 'monday' is not a time"),
        (
            "device,service,urgency\niphone-13-pro,screen-repair,urgnt\n",
            "urgency: no urgency 'urgnt'; did you mean 'urgent'?",
        ),
        ("device,service,customer_type\niphone-13-pro,screen-repair,vip\n", "no rule looks at the customer type"),
    ],
)
def test_jobs_that_cannot_be_read(shell: Shell, place: Place, tmp_path: Path, text: str, fault: str) -> None:
    """File, line, field, and what is near."""
    jobs = tmp_path / "jobs.csv"
    jobs.write_text(text)
    shell(*URGENT, *place)

    assert fault in shell("rulebook", "simulate", "--from", str(jobs), *place).err


def test_every_fault_of_jobs_is_told(shell: Shell, place: Place, tmp_path: Path) -> None:
    """Rows behind the first faulty one are looked at as well."""
    jobs = tmp_path / "jobs.csv"
    jobs.write_text(
        "device,service,quantity\niphone-13-prp,screen-repair,1\niphone-13-pro,screen-repair,1\niphone-13-pro,scren-repair,0\n"
    )

    shell(*URGENT, *place)

    told = shell("rulebook", "simulate", "--from", str(jobs), *place).err

    assert [line.split(": ")[:2] for line in told.splitlines()[:-1]] == [
        ["jobs.csv:2", "device"],
        ["jobs.csv:4", "quantity"],
        ["jobs.csv:4", "service"],
    ]
    assert told.endswith("repaircore: nothing is simulated: 3 faults, listed above\n")


def test_jobs_that_have_no_price(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The job is named."""
    jobs = tmp_path / "jobs.csv"
    jobs.write_text("device,service\ngalaxy-s8-plus,logic-board-repair\n")
    shell(*URGENT, *place)

    done = shell("rulebook", "simulate", "--from", str(jobs), *place)

    assert done.code == 1
    assert "jobs.csv:2: logic-board-repair is not offered for" in done.err


def test_publishing_and_rolling_back(shell: Shell, place: Place, candidate: Path) -> None:
    """The next quote has the new price, the one after the rollback the old one; the list says who and why."""
    first = json.loads(shell(*URGENT, *place).out)

    said = shell("rulebook", "publish", str(candidate), "--approver", "Dana", "--note", "Busy", *place).out
    second = json.loads(shell(*URGENT, *place).out)
    shell("rulebook", "rollback", "--approver", "Eli", *place)
    third = json.loads(shell(*URGENT, *place).out)

    assert said.startswith("Rulebook 2025-2 is in force from ")
    assert [each["total"]["amount"] for each in (first, second, third)] == [24800, 26400, 24800]
    listed = shell("rulebook", "list", *place).out
    assert "2025-1 (in force)" in listed
    assert "instead of 2025-2." in listed
    plain = json.loads(shell("rulebook", "list", "--json", *place).out)
    assert [(each["version"], each["approver"], each["in_force"]) for each in plain] == [
        ("2025-1", "Eli", True),
        ("2025-2", "Dana", False),
        ("2025-1", "", False),
    ]


def test_publishing_for_a_day(shell: Shell, place: Place, candidate: Path) -> None:
    """A date is its midnight in the business's zone; nonsense and the past are refused in one line."""
    shell(*URGENT, *place)

    done = shell(
        "rulebook", "publish", str(candidate), "--approver", "Dana", "--effective", "2199-07-01", "--json", *place
    )

    assert json.loads(done.out)["effective_from"] == "2199-07-01T00:00:00+01:00"
    for wrong, told in (("soon", "is not a date"), ("2020-01-01", "has passed")):
        refused = shell("rulebook", "rollback", "--approver", "Dana", "--effective", wrong, *place)
        assert (refused.code, told in refused.err) == (1, True)


def test_what_is_not_published(shell: Shell, place: Place, candidate: Path) -> None:
    """One with errors is refused, and so is what was published before; the approver is named always."""
    shell(*URGENT, *place)
    tied = candidate.read_text(encoding="utf-8") + ('\n[[rules]]\nid = "again"\nstage = "rounding"\nround_to = 5\n')
    candidate.write_text(tied, encoding="utf-8")

    refused = shell("rulebook", "publish", str(candidate), "--approver", "Dana", *place)

    assert refused.code == 1
    assert "'again' (rulebook.toml:" in refused.err
    assert "published before" in shell("rulebook", "publish", "--approver", "Dana", *place).err
    assert shell("rulebook", "publish", *place).code == 2


def test_starting_publishes_only_what_was_approved(shell: Shell, tmp_path: Path, candidate: Path) -> None:
    """With `publish_at_start = false` the first rulebook is published, and another one only by hand."""
    business = candidate.with_name("business.toml")
    text = business.read_text(encoding="utf-8")
    business.write_text(text.replace("[pricing]", "[pricing]\npublish_at_start = false"), encoding="utf-8")
    place = ("--config", str(business), "--data-dir", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    assert json.loads(shell(*URGENT, *place).out)["rulebook_version"] == "2025-2"
    candidate.write_text(candidate.read_text(encoding="utf-8").replace('"2025-2"', '"2025-3"'), encoding="utf-8")

    before = json.loads(shell(*URGENT, *place).out)["rulebook_version"]
    shell("rulebook", "publish", "--approver", "Dana", *place)

    assert before == "2025-2"
    assert json.loads(shell(*URGENT, *place).out)["rulebook_version"] == "2025-3"


def test_a_histogram_in_text() -> None:
    """Bars from the lowest to the highest, the empty ones between them too; whoever is there is seen."""
    lines = list(histogram.text({-10: 1, 0: 50}, width=10))

    assert [line.strip() for line in lines] == ["-10 % to -5 % ▏ 1", "down to -5 %  0", "same ██████████ 50"]
    assert list(histogram.text({})) == []


def test_every_bar_has_a_name_that_can_be_drawn() -> None:
    """From the cheapest to the dearest, each another, and none with a zero that is neither more nor less."""
    every = dict.fromkeys((*range(-50, 0, 5), 0, *range(1, 50, 5), 50), 1)
    labels = [histogram.label(edge) for edge, _ in histogram.bars(every)]

    assert len(set(labels)) == len(every)
    assert not any(sign in label for label in labels for sign in ("+0", "-0"))
    assert all(list(lettering.dots(label.upper())) for label in labels)


def test_a_histogram_as_a_picture(tmp_path: Path) -> None:
    """A PNG that any program can read: its size, its check sums and its rows are right."""
    path = tmp_path / "h.png"

    histogram.png({-10: 1, 0: 50, 1: 3, 50: 2}, path)

    raw = path.read_bytes()
    width, height = struct.unpack(">II", raw[16:24])
    start = raw.index(b"IDAT")
    length = struct.unpack(">I", raw[start - 4 : start])[0]
    rows = zlib.decompress(raw[start + 4 : start + 4 + length])
    assert len(rows) == height * (1 + 3 * width)
    assert struct.unpack(">I", raw[start + 4 + length : start + 8 + length])[0] == zlib.crc32(
        raw[start : start + 4 + length]
    )


def test_no_bar_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """Progress is for terminals."""
    with counting("Working") as advance:
        advance(1, 2)

    assert capsys.readouterr().err == ""


def test_a_gap_is_told_with_places(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The line of the service in the shop's own files, and of the price that is nearest, also as JSON."""
    book = tmp_path / "gap.toml"
    head = 'version = "gap"\ncurrency = "GBP"\ntimezone = "Europe/London"\neffective_from = 2025-01-01\n'
    book.write_text(f'{head}[[rules]]\nid = "rush"\nstage = "base"\nset = 1\nwhen = {{ urgency = "urgent" }}\n')

    told = json.loads(shell("rulebook", "check", str(book), "--json", *place).out)["problems"]

    (gap, *_) = (each for each in told if each["code"] == "gap" and "'screen-repair'" in each["message"])
    assert gap["places"] == ["catalog/services.csv:2", "gap.toml:5"]
