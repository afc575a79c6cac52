"""Whatever is wrong with the sheets, the owner is told where and what to do, all at once."""

from pathlib import Path

import pytest

from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import DEVICES, SERVICES, load_catalogue, write_shop

ROW = "x1,Acme,One,iphone,2020,\n"
CASES: list[tuple[str, str | bytes | None, list[str]]] = [
    ("devices", DEVICES + "x1,Acme,One,iphone,20x4,\n", ["devices.csv:5: year: '20x4' is not a year"]),
    ("devices", DEVICES + "x1,Acme,One,iphone,20244,\n", ["devices.csv:5: year: '20244' is not a year"]),
    (
        "devices",
        DEVICES + "x1,Acme,One,iphon,2024,\n",
        ["devices.csv:5: category: no category 'iphon'; did you mean 'iphone'?"],
    ),
    (
        "devices",
        DEVICES + "Phone One,Acme,One,iphone,2024,\n",
        [
            "devices.csv:5: id: 'Phone One' is not an id: use small letters, digits and hyphens, such as 'iphone-13-pro'",
        ],
    ),
    ("devices", DEVICES + ",Acme,One,iphone,2024,\n", ["devices.csv:5: id: is missing"]),
    ("devices", DEVICES + ROW + ROW.replace("One", "Two"), ["devices.csv:6: id: 'x1' stands already on line 5"]),
    (
        "devices",
        DEVICES + ROW + "x2,Acme,ONE,iphone,2020,\n",
        ["devices.csv:6: model: Acme ONE stands already on line 5: say what tells the two apart"],
    ),
    ("devices", DEVICES + "x1,apple,One,iphone,,\n", ["devices.csv:5: brand: 'apple' is written 'Apple' on line 2"]),
    (
        "devices",
        DEVICES.replace("year,", "yaer,"),
        ["devices.csv:1: yaer: is not a known column; did you mean 'year'?"],
    ),
    (
        "devices",
        DEVICES.replace("model,", "modell,"),
        [
            "devices.csv:1: model: this column is missing",
            "devices.csv:1: modell: is not a known column; did you mean 'model'?",
        ],
    ),
    ("devices", DEVICES.replace("year,", "model,"), ["devices.csv:1: model: stands twice in the header"]),
    (
        "devices",
        DEVICES + "x1,Acme,One, Two,iphone,2020,,,\n",
        [
            "devices.csv:5: has 9 cells, but the header has 6: put a cell with a comma in quotation marks",
            "devices.csv:5: category: no category 'Two'",
            "devices.csv:5: year: 'iphone' is not a year",
        ],
    ),
    (
        "devices",
        DEVICES + 'x1,"Acme,One,iphone,2020,\n',
        ["devices.csv:5: is not CSV: a quotation mark that is opened here is never closed"],
    ),
    (
        "devices",
        'id,brand,model,category\nx0,Acme,"One\nTwo",iphone\nx1,Acme,Three,iphon\n',
        ["devices.csv:4: category: no category 'iphon'; did you mean 'iphone'?"],
    ),
    (
        "devices",
        "id;brand;model;category\nx1;Acme;One;iphone\n",
        ["devices.csv:1: has semicolons between its columns: save the sheet with commas"],
    ),
    ("devices", "id,brand,model,category\n", ["devices.csv: has no rows under its header"]),
    ("devices", "", ["devices.csv: is empty"]),
    ("devices", " \n\n", ["devices.csv: is empty"]),
    ("devices", None, ["devices.csv: there is no such file"]),
    (
        "devices",
        (DEVICES + "x1,Acmé,One,iphone,,\n").encode("latin-1"),
        ["devices.csv:5: is not UTF-8: save the file as UTF-8"],
    ),
    ("devices", DEVICES.encode("utf-16"), ["devices.csv:1: is not UTF-8: save the file as UTF-8"]),
    (
        "devices",
        "id,brand,model,category,average_repair_cost\nx1,Acme,One,iphone,12.345\n",
        ["devices.csv:2: average_repair_cost: '12.345' has 3 decimals; GBP has 2"],
    ),
    (
        "devices",
        "id,brand,model,category,refurbished_only\nx1,Acme,One,iphone,maybe\n",
        ["devices.csv:2: refurbished_only: 'maybe' is neither yes nor no"],
    ),
    (
        "services",
        "id,name,minutes,categories\nscreen,Screen,0,iphone; macbok\nbattery,Battery,1.5,\n",
        [
            "services.csv:2: categories: no category 'macbok'; did you mean 'macbook'?",
            "services.csv:2: minutes: must be at least 1",
            "services.csv:3: minutes: '1.5' is not a whole number",
        ],
    ),
]


@pytest.mark.parametrize(("sheet", "content", "expected"), CASES)
def test_a_fault_is_told_by_file_line_and_field(
    tmp_path: Path, sheet: str, content: str | bytes | None, expected: list[str]
) -> None:
    """The text names the place, what is wrong, and the nearest known name where there is one."""
    shop = write_shop(tmp_path, {f"catalog/{sheet}.csv": content})

    with pytest.raises(FileProblems) as refused:
        load_catalogue(shop)

    assert str(refused.value).splitlines() == [f"catalog/{line}" for line in expected]


def test_every_fault_of_every_sheet_is_told_at_once(tmp_path: Path) -> None:
    """Nobody repairs one fault to be told of the next."""
    shop = write_shop(
        tmp_path,
        {
            "catalog/devices.csv": DEVICES + "x1,Acme,One,iphon,20x4,\n",
            "catalog/services.csv": SERVICES + "screen,,\n",
        },
    )

    with pytest.raises(FileProblems) as refused:
        load_catalogue(shop)

    assert [(finding.file, finding.line, finding.field) for finding in refused.value.findings] == [
        ("catalog/devices.csv", 5, "category"),
        ("catalog/devices.csv", 5, "year"),
        ("catalog/services.csv", 4, "id"),
    ]


def test_a_missing_sheet_is_not_blamed_on_the_others(tmp_path: Path) -> None:
    """Without categories there is one fault, not one for every device that names one."""
    shop = write_shop(tmp_path, {"catalog/categories.csv": None})

    with pytest.raises(FileProblems) as refused:
        load_catalogue(shop)

    assert str(refused.value) == "catalog/categories.csv: there is no such file"


def test_what_spreadsheets_do_is_no_fault(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, blank rows, padded cells and cut-off blank cells are all read."""
    content = "\ufeffid,brand,model,category,year\r\n\r\nx1 , Acme,One,iphone\r\n,,,,\r\nx2,Acme,Two,iphone,2020\r\n"
    shop = write_shop(tmp_path, {"catalog/devices.csv": content})

    devices = load_catalogue(shop).devices

    assert list(devices) == ["x1", "x2"]
    assert (devices["x1"].brand, devices["x1"].year, devices["x2"].year) == ("Acme", None, 2020)


def test_aliases_and_the_old_id_are_names(tmp_path: Path) -> None:
    """Several names stand in one cell with semicolons between; the id of the old system is found as well."""
    content = "id,brand,model,category,aliases,source_id\nx1,Acme,One,iphone,Uno; Eins,acme-1-2020\n"
    shop = write_shop(tmp_path, {"catalog/devices.csv": content})

    assert load_catalogue(shop).devices["x1"].aliases == ("Uno", "Eins", "acme-1-2020")
