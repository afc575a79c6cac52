"""Taking catalogues in and writing them out: exactly, all or nothing, and in little room."""

import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.catalog.exports import Format, export
from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.catalog.imports import Import
from repaircore.adapters.catalog.supplier import read_price_list
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.adapters.pricing.prices import is_listed
from repaircore.adapters.shopfiles.streaming import MOST_FINDINGS, CappedReport, Stream
from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.supply import with_price_list
from repaircore.domain.money import Money
from repaircore.domain.pricing.rules import Rulebook, Stage
from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import load_catalogue, load_rulebook, write_shop

EXAMPLES = Path(__file__).parents[3] / "examples"
LIST = "supplier_part,device,service,grade,cost,date\n"
ROW = "SCR-1,iphone-13-pro,screen,oem,54.50,2026-05-01\n"


def quietly(count: int) -> None:
    """Nobody watches."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path, {})


def refused(files: list[Path], base: Catalogue) -> list[str]:
    """What reading these files is refused for, by line."""
    with pytest.raises(FileProblems) as problems:
        Import(base, "GBP").read(files, quietly)
    return str(problems.value).splitlines()


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("business", ["revivatech", "fixbulance"])
def test_what_is_written_is_taken_in_again(tmp_path: Path, business: str, format: Format) -> None:
    """Catalogue and prices come back exactly, from sheets and from TOML."""
    currency = {"revivatech": "GBP", "fixbulance": "USD"}[business]
    catalogue = CatalogueFiles(EXAMPLES / business, currency).load()
    rulebook = RulebookFiles(EXAMPLES / business).load(catalogue)
    part = Part(
        supplier="acme", number="1", device="iphone-12", service=next(iter(catalogue.services)), grade="oem",
        cost=Money(1250, currency), as_of=date(2026, 5, 1),
    )  # fmt: skip
    catalogue = with_price_list(catalogue, "acme", [part])

    *files, rules = export(catalogue, rulebook, tmp_path / "out", format, quietly)
    files = [file for file in files if file.name != "rules.csv"]
    again = Import(Catalogue({}, {}, {}), currency).read(files, quietly)

    assert again.catalogue == catalogue
    assert rules.name == "rulebook.toml"
    listed = {
        rule.id: rule.value for rule in rulebook.rules if rule.stage is Stage.BASE and rule.id.startswith("price/")
    }
    assert {rule.id: rule.value for rule in again.prices} == listed


awkward = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip)
awkward = awkward.filter(lambda text: text and ";" not in text and text.isprintable())


@given(st.lists(awkward, min_size=1, max_size=5, unique_by=str.casefold), st.sampled_from(Format))
def test_awkward_names_survive(tmp_path_factory: pytest.TempPathFactory, names: list[str], format: Format) -> None:
    """Quotation marks, commas, backslashes and any script are kept as they are."""
    devices = {f"d{at}": Device(f"d{at}", "Acme", name, "any", aliases=(name,)) for at, name in enumerate(names)}
    catalogue = Catalogue({"any": Category("any", names[0])}, devices, {"fix": Service("fix", names[-1])})
    rulebook = Rulebook(version="1", currency="GBP", rules=(), effective_from=None)  # type: ignore[arg-type]

    *files, _ = export(catalogue, rulebook, tmp_path_factory.mktemp("out"), format, quietly)

    assert Import(Catalogue({}, {}, {}), "GBP").read(files, quietly).catalogue == catalogue


def test_entries_replace_and_add(shop: Path, tmp_path: Path) -> None:
    """A known id is replaced, an unknown one added, and the rest stays; with `replace` the rest of that room goes."""
    base = load_catalogue(shop)
    sheet = tmp_path / "more.csv"
    sheet.write_text(
        "id,brand,model,category\niphone-13-pro,Apple,iPhone 13 Pro!,iphone\nfairphone-5,Fairphone,5,iphone\n"
    )

    merged = Import(base, "GBP").read([sheet], quietly).catalogue
    alone = Import(base, "GBP", replace=True).read([sheet], quietly).catalogue

    assert merged.devices["iphone-13-pro"].model == "iPhone 13 Pro!"
    assert merged.devices.keys() == base.devices.keys() | {"fairphone-5"}
    assert alone.devices.keys() == {"iphone-13-pro", "fairphone-5"}
    assert alone.services == base.services


def test_files_may_come_in_any_order(shop: Path, tmp_path: Path) -> None:
    """A device's category may stand in a file that is named after it."""
    devices, categories = tmp_path / "a.csv", tmp_path / "b.csv"
    devices.write_text("id,brand,model,category\nrazr,Motorola,Razr,flip\n")
    categories.write_text("id,name\nflip,Flip phone\n")

    found = Import(load_catalogue(shop), "GBP").read([devices, categories], quietly)

    assert found.catalogue.devices["razr"].category == "flip"
    assert found.rooms == {"devices", "categories"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,brand,model,category\nx,Acme,X,ihpone\n", "new.csv:2: category: no category 'ihpone'; did you mean 'iphone'?"),
        ("id,brand,model,category,yaer\nx,Acme,X,iphone,2020\n", "new.csv:1: yaer: is not a known column; did you mean 'year'?"),
        ("service,price\nscren,10\n", "new.csv:2: service: no service 'scren'; did you mean 'screen'?"),
        ("service,price\nscreen,10\nscreen,12\n", "new.csv:3: this price stands already at new.csv:2"),
        ("device,screen\niphone-13-prp,10\n", "new.csv:2: device: no device 'iphone-13-prp'; did you mean 'iphone-13-pro'?"),
        ("colour,size\nred,2\n", "new.csv:1: has the columns of no sheet that can be taken in: "),
        ("", "new.csv: is empty"),
        ("id,brand,model,category\n", "new.csv: has no rows under its header"),
        ("id;brand;model;category\n", "new.csv:1: has semicolons between its columns: save the sheet with commas"),
        ("id\tname\nx\ty\n", "new.csv:1: has tabs between its columns: save the sheet with commas"),
        ('id,name\nx,"Open\n', "new.csv:2: is not CSV: a quotation mark that is opened here is never closed"),
        (f"id,name\nx,{'y' * 200_000}\n", "new.csv:2: has a cell of more than 131,072 characters: close every quotation mark"),
        (f"id,name\nx,{'y' * 20_000}\n", "new.csv:2: name: has 20,000 characters: at most 10,000 are read"),
        (f"id,name\n{'Y' * 100_000},y\n", "new.csv:2: id: 'YYY"),
        ("id,name\nflip,Flip\nflip,Flop\n", "new.csv:3: id: 'flip' stands already on line 2"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_file_line_and_field(shop: Path, tmp_path: Path, content: str, expected: str) -> None:
    """With the nearest known name; and nothing of the file is taken in."""
    file = tmp_path / "new.csv"
    file.write_text(content)

    (line, *others) = refused([file], load_catalogue(shop))

    assert line.startswith(expected)
    assert len(line) < 1_000
    assert others == []


@pytest.mark.parametrize("replace", [False, True])
def test_an_empty_sheet_empties_nothing(shop: Path, tmp_path: Path, replace: bool) -> None:
    """A header without rows is a mistake, all the more where everything else of the room would go."""
    (tmp_path / "new.csv").write_text("service,price\n")

    with pytest.raises(FileProblems, match="has no rows under its header"):
        Import(load_catalogue(shop), "GBP", replace=replace).read([tmp_path / "new.csv"], quietly)


@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n"), ("", "\r")])
def test_any_spreadsheets_text_is_read(shop: Path, tmp_path: Path, mark: str, end: str) -> None:
    """With a byte order mark or without, and with any ends of lines."""
    text = f"{mark}id,name{end}flip,Flip phone{end}"
    (tmp_path / "new.csv").write_bytes(text.encode())

    found = Import(load_catalogue(shop), "GBP").read([tmp_path / "new.csv"], quietly)

    assert found.catalogue.categories["flip"].name == "Flip phone"


def test_a_table_nobody_knows(shop: Path, tmp_path: Path) -> None:
    """TOML is told off as sheets are."""
    file = tmp_path / "new.toml"
    file.write_text(
        '[[device]]\nid = "x"\n\n[[devices]]\nid = "y"\nbrand = "Acme"\nmodel = "Y"\ncategory = "iphone"\ncolour = 1\n'
    )

    assert refused([file], load_catalogue(shop)) == [
        "new.toml:1: device: is not a table that can be taken in; did you mean 'devices'?",
        "new.toml:9: colour: is not a known field",
    ]


def test_what_is_not_there_or_not_text(shop: Path, tmp_path: Path) -> None:
    """A missing file and a file in another encoding are faults like others."""
    latin = tmp_path / "latin.csv"
    latin.write_bytes("id,name\nx,Téléphone\n".encode("latin-1"))

    lines = refused([tmp_path / "none.csv", latin], load_catalogue(shop))

    assert lines == [
        "latin.csv:1: is not UTF-8: save the file as UTF-8",
        "none.csv: there is no such file",
    ]


def test_faults_are_capped(shop: Path, tmp_path: Path) -> None:
    """Nobody reads a thousand faults: reading stops, and says so."""
    file = tmp_path / "new.csv"
    file.write_text("id,brand,model,category\n" + "X,Acme,X,iphone\n" * 1000)

    lines = refused([file], load_catalogue(shop))

    assert len(lines) == MOST_FINDINGS + 1
    assert any(f"reading stopped here, after {MOST_FINDINGS} faults" in line for line in lines)


def test_a_hundred_thousand_rows_in_little_room(shop: Path) -> None:
    """Rows leave nothing behind but what is made of them: reading ten times as many takes no more room."""

    def lines(count: int) -> Iterator[str]:
        yield LIST
        yield from (f"P{at},iphone-13-pro,screen,oem,{at % 90}.50,2026-05-01\n" for at in range(count))

    def room_for(count: int) -> int:
        stream = Stream.of(lines(count), "list.csv", CappedReport())
        required = LIST.strip().split(",")
        tracemalloc.start()
        read = sum(1 for _ in stream.records(required=required, optional=()))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == count
        return most

    few, many = room_for(1_000), room_for(100_000)

    assert many < few + 200_000


def price_list(folder: Path, *rows: str) -> tuple[Part, ...]:
    """Read a list with these rows."""
    file = folder / "may.csv"
    file.write_text(LIST + "".join(rows))
    return read_price_list(file, "acme", load_catalogue(folder), "GBP", quietly)


def test_a_supplier_names_devices_in_its_own_words(shop: Path) -> None:
    """The id, or a name that is certainly one device's."""
    rows = ("SCR-2,iPhone 13 Pro Max,screen,oem,60,2026-05-01\n", "SCR-3,Air M3,screen,,80,2026-05-01\n")

    parts = price_list(shop, ROW, *rows)

    assert [part.device for part in parts] == ["iphone-13-pro", "iphone-13-pro-max", "macbook-air-13-m3"]
    assert parts[0].cost == Money(5450, "GBP")
    assert parts[0].as_of == date(2026, 5, 1)
    assert {part.supplier for part in parts} == {"acme"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("S,iPhone 13,screen,oem,1,2026-05-01\n", "may.csv:3: device: no device 'iPhone 13'"),
        ("S,iphone-13-pro,screen,oem,-1,2026-05-01\n", "may.csv:3: cost: '-1' is negative: an amount is 0 or more"),
        ("S,iphone-13-pro,screen,oem,1,01/05/2026\n", "may.csv:3: date: '01/05/2026' is not a day: write it like 2026-05-01"),
        (ROW, "may.csv:3: supplier_part: 'SCR-1' stands already on line 2"),
    ],
)  # fmt: skip
def test_a_fault_in_a_price_list(shop: Path, row: str, expected: str) -> None:
    """The whole list is refused: half of one would make the other half look gone."""
    with pytest.raises(FileProblems) as problems:
        price_list(shop, ROW, row)

    assert str(problems.value).startswith(expected)


def test_prices_with_other_conditions_are_no_price_list(shop: Path) -> None:
    """What a sheet cannot say is not written in one: it stays with the rules."""
    price = next(rule for rule in load_rulebook(shop).rules if rule.id == "price/screen")

    assert is_listed(price)
    assert not is_listed(evolve(price, scope=evolve(price.scope, urgencies=frozenset({"urgent"}))))
    assert not is_listed(evolve(price, scope=evolve(price.scope, services=frozenset())))
    assert not is_listed(evolve(price, stage=Stage.FEES))
