"""`repaircore catalog …`: taken in, looked at, published, rolled back, written out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import EXAMPLES
from tests.unit.cli.running import Shell

Place = tuple[str, ...]
LIST = "supplier_part,device,service,grade,cost,date\n"


def sheet(folder: Path, name: str, text: str) -> str:
    """Write a sheet, and answer its path as it is typed."""
    file = folder / name
    file.write_text(text)
    return str(file)


def said(shell: Shell, *words: str) -> Any:
    """What a command answers as JSON."""
    done = shell(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_an_import_is_a_draft_until_it_is_published(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The draft says what it changes; published, the next command sells by it, and the files at the next start do not undo it."""
    devices = sheet(tmp_path, "more.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n")

    drafted = said(shell, "catalog", "import", devices, "--reason", "We repair these too", *place)["catalog"]
    unknown = shell("quote", "--device", "fairphone-5", "--item", "screen-repair", *place)
    published = said(shell, "catalog", "publish", drafted["draft"]["id"], *place)
    quoted = shell("quote", "--device", "fairphone-5", "--item", "screen-repair", *place)

    assert [(each["kind"], each["id"]) for each in drafted["changes"]] == [("added", "fairphone-5")]
    assert unknown.code == 1
    assert published[0]["reason"] == "We repair these too"
    assert quoted.code == 0, quoted.err
    assert "Fairphone 5" in quoted.out


def test_what_the_rules_miss_is_told_in_full(shell: Shell, place: Place, tmp_path: Path) -> None:
    """Each rule that names what would be gone is listed with its place; the business's files have no such fault."""
    devices = sheet(tmp_path, "few.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n")

    done = shell("catalog", "import", devices, "--reason", "All we have", "--replace", *place)

    *listed, last = done.err.splitlines()
    assert done.code == 1
    assert len(listed) > 1
    assert all("(prices.csv:" in line for line in listed)
    assert last == f"repaircore: nothing is taken in: {len(listed)} faults, listed above"


def test_a_reason_has_to_be_given(shell: Shell, place: Place, tmp_path: Path) -> None:
    """An empty one is none."""
    devices = sheet(tmp_path, "more.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n")

    done = shell("catalog", "import", devices, "--reason", " ", *place)

    assert (done.code, done.err) == (1, "repaircore: say why: to change the catalogue needs a reason\n")


def test_prices_are_published_with_what_they_are_for(shell: Shell, place: Place, tmp_path: Path) -> None:
    """One import brings a device and its price; the history tells who changed the price, and why."""
    devices = sheet(
        tmp_path, "devices.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n"
    )
    prices = sheet(tmp_path, "prices.csv", "service,device,price\nscreen-repair,fairphone-5,99\nscreen-repair,,160\n")

    done = shell("catalog", "import", devices, prices, "--reason", "New prices", "--publish", *place)
    assert done.code == 0, done.err

    quote = said(shell, "quote", "--device", "fairphone-5", "--item", "screen-repair", *place)
    changed = said(shell, "catalog", "prices", "--service", "screen-repair", *place)
    assert quote["total"]["amount"] == 9900
    assert {(each["subject"], each["reason"], each["by"]["id"]) for each in changed} == {
        ("price/screen-repair", "New prices", "command line"),
        ("price/fairphone-5/screen-repair", "New prices", "command line"),
    }


def test_who_answers_for_a_change_is_named(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The history has the name of who approved, rather than of the program; nobody is refused."""
    devices = sheet(tmp_path, "more.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n")
    draft = said(shell, "catalog", "import", devices, "--reason", "May", "--actor", "Robin", *place)["catalog"]["draft"]

    nobody = shell("catalog", "publish", draft["id"], "--approver", " ", *place)
    published = said(shell, "catalog", "publish", draft["id"], "--approver", "Dana", *place)
    undone = said(shell, "catalog", "rollback", "--reason", "Not yet", "--approver", "Kim", *place)

    assert (nobody.code, "say who answers for it" in nobody.err) == (1, True)
    assert draft["drafted_by"]["id"] == "Robin"
    assert [each[0]["approver"]["id"] for each in (published, undone)] == ["Dana", "Kim"]


def test_an_import_is_approved_as_one(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The drafts of a device, its price and a rule come into force by one command, which the import tells."""
    files = (
        sheet(tmp_path, "devices.csv", "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n"),
        sheet(tmp_path, "prices.csv", "service,device,price\nscreen-repair,fairphone-5,99\n"),
        sheet(tmp_path, "rules.csv", "id,stage,action,value,device\nfair,season,percent,-50,fairphone-5\n"),
    )

    told = shell("catalog", "import", *files, "--reason", "May", *place).out.splitlines()[-1]
    command = told.removeprefix("Nothing is published yet. To do it: repaircore ").split()
    assert shell(*command, *place).code == 0

    quote = said(shell, "quote", "--device", "fairphone-5", "--item", "screen-repair", *place)
    assert quote["total"]["amount"] == 5000  # to the next 5


def test_rules_in_a_sheet_are_replaced_or_gone(shell: Shell, place: Place, tmp_path: Path) -> None:
    """A known id is replaced and the rest stays; with --replace only what the sheet has is left, and every price."""
    rules = sheet(tmp_path, "rules.csv", "id,stage,action,value\nonly,season,percent,10\n")

    more = said(shell, "catalog", "import", rules, "--reason", "More", *place)["rulebook_draft"]
    alone = said(shell, "catalog", "import", rules, "--reason", "Alone", "--replace", *place)["rulebook_draft"]

    kinds = {
        name: {each["kind"] for each in said(shell, "rulebook", "diff", "2025-1", name, *place)["rules"]}
        for name in (more, alone)
    }
    assert kinds == {more: {"added"}, alone: {"added", "removed"}}


def test_a_faulty_file_is_refused_whole(shell: Shell, place: Place, tmp_path: Path) -> None:
    """One line tells the first fault by file, line and field; nothing is kept, not even of the files that are right."""
    good = sheet(tmp_path, "good.csv", "id,name\nflip,Flip phone\n")
    bad = sheet(tmp_path, "bad.csv", "id,brand,model,category\nrazr,Motorola,Razr,filp\n")

    done = shell("catalog", "import", good, bad, "--reason", "Flip phones", "--publish", *place)

    assert done.code == 1
    assert "bad.csv:2: category: no category 'filp'; did you mean 'flip'?" in done.err
    assert len(said(shell, "catalog", "versions", *place)) == 1


def test_many_faults_are_listed(shell: Shell, place: Place, tmp_path: Path) -> None:
    """All of them, and how many there are."""
    bad = sheet(tmp_path, "bad.csv", "id,brand,model,category\nrazr,Motorola,Razr,filp\nA,B,C,filp\n")

    done = shell("catalog", "import", bad, "--reason", "Flip phones", *place)

    *listed, last = done.err.splitlines()
    assert [line.split(": ")[:2] for line in listed] == [
        ["bad.csv:2", "category"],
        ["bad.csv:3", "category"],
        ["bad.csv:3", "id"],
    ]
    assert last == "repaircore: nothing is taken in: 3 faults, listed above"


def test_publishing_an_export_changes_nothing(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The rulebook keeps its version: another order of rules is no other content."""
    files = said(shell, "catalog", "export", str(tmp_path / "out"), *place)

    done = shell("catalog", "import", *files, "--reason", "Unchanged", "--publish", *place)

    assert done.code == 0, done.err
    assert len(said(shell, "rulebook", "list", *place)) == 1


def test_a_suppliers_grade_is_one_of_the_shops(shell: Shell, place: Place, tmp_path: Path) -> None:
    """No quote could use a part of a grade that nobody can ask for: the nearest that there is, is told."""
    every_rule = ("--config", str(EXAMPLES / "full-rulebook" / "business.toml"), *place[2:])
    may = sheet(tmp_path, "may.csv", LIST + "A,iphone-15,screen,oemm,95,2026-05-01\n")

    done = shell("catalog", "price-list", "acme", may, "--reason", "May", *every_rule)

    assert (done.code, done.err) == (1, "repaircore: may.csv:2: grade: no grade 'oemm'; did you mean 'oem'?\n")


def test_a_suppliers_list_is_approved(shell: Shell, place: Place, tmp_path: Path) -> None:
    """A jump is told, refused, and published when it is meant; the batch leads to what it changed."""
    may = sheet(tmp_path, "may.csv", LIST + "A,iphone-12,screen-repair,oem,50,2026-05-01\n")
    june = sheet(tmp_path, "june.csv", LIST + "A,iPhone 12,screen-repair,oem,500,2026-06-01\n")
    first = said(shell, "catalog", "price-list", "acme", may, "--reason", "May", *place)
    assert shell("catalog", "publish", first["draft"]["id"], *place).code == 0

    second = said(shell, "catalog", "price-list", "acme", june, "--reason", "June", "--batch", "june", *place)
    shown = shell("catalog", "review", second["draft"]["id"], *place)
    refused = shell("catalog", "publish", second["draft"]["id"], *place)
    meant = shell("catalog", "publish", second["draft"]["id"], "--jumps-are-meant", *place)

    assert second["suspicious"] == 1
    assert "looks wrong" in shown.out
    assert refused.code == 1
    assert "acme/A" in refused.err
    assert meant.code == 0, meant.err
    (change,) = said(shell, "catalog", "prices", "--batch", "june", *place)
    assert (change["before"]["amount"], change["after"]["amount"]) == (5000, 50000)


def test_rolling_back(shell: Shell, place: Place, tmp_path: Path) -> None:
    """The version before is in force again, as one more version."""
    aliases = sheet(tmp_path, "aliases.csv", "alias,stands_for\nphone,iPhone 12\n")
    assert shell("catalog", "import", aliases, "--reason", "A mistake", "--publish", *place).code == 0

    back = said(shell, "catalog", "rollback", "--reason", "It was a mistake", *place)

    assert back[0]["rolls_back"] == 2
    assert [each["source"] for each in said(shell, "catalog", "versions", *place)] == ["rollback", "import", "files"]


@pytest.mark.parametrize("format", ["csv", "toml"])
def test_what_is_exported_is_taken_in_again(shell: Shell, place: Place, tmp_path: Path, format: str) -> None:
    """Taking in what was written changes nothing."""
    files = said(shell, "catalog", "export", str(tmp_path / "out"), "--format", format, *place)

    again = said(shell, "catalog", "import", *files, "--reason", "Unchanged", "--replace", *place)

    assert again["catalog"]["changes"] == []
    assert [Path(file).name for file in files][-1] == "rulebook.toml"
    difference = said(shell, "rulebook", "diff", again["rulebook_draft"], "2025-1", *place)
    assert (difference["settings"], difference["rules"], difference["prices"]) == ([], [], [])


def test_wrong_usage(shell: Shell, place: Place) -> None:
    """No files, a day that is none, a draft that is none: one line says so."""
    no_files = shell("catalog", "import", "--reason", "Nothing", *place)
    no_draft = shell("catalog", "publish", "cat_none", *place)

    assert (no_files.code, no_draft.code) == (1, 1)
    assert "name at least one file" in no_files.err
    assert "there is no draft of the catalogue 'cat_none'" in no_draft.err
