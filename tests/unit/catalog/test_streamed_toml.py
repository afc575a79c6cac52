"""Large TOML files are read table by table: the same values on the same lines, in little room, and told off as well."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.catalog.imports import Import
from repaircore.adapters.shopfiles.pieces import Piece, pieces
from repaircore.adapters.shopfiles.records import Report
from repaircore.adapters.shopfiles.toml import Document, read_toml, stream_toml
from repaircore.domain.catalog.catalogue import Catalogue, Category
from repaircore.ports.catalog import FileProblems

LISTS = ("devices", "rules")
TEXTS = (
    '"plain"', '"a # b"', "'[[devices]]'", '"say \\"[[rules]]\\""', "'C:\\'", '""', "''",
    '"""\n[[devices]]\nid = 1\n"""', "'''\n[[rules]]\n'''", '"""two \\""" quotes"""', '"""end""""', "'''end''''",
    "[\n  1,\n  [2, 3],\n]", '[ # [[rules]]\n "]", \'[\', """\n]\n""",\n]', "{ a = 1, b = [1, 2] }", "[]", "1.50", "true",
)  # fmt: skip
PADDING = "# padding\n" * 250_000
HEADINGS = ("[[devices]]", "[[rules]]", " [[ rules ]] # of them", '[["devices"]]', "[[others]]")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Some TOML: keys at the top, then tables with whatever may confuse who looks for headings."""
    lines = [f"top{at} = {draw(st.sampled_from(TEXTS))}" for at in range(draw(st.integers(0, 3)))]
    for at in range(draw(st.integers(0, 6))):
        heading = draw(st.sampled_from((*HEADINGS, f"[table{at}]")))
        lines += ["", heading, *(f"k{key} = {draw(st.sampled_from(TEXTS))}" for key in range(draw(st.integers(0, 3))))]
        if "devices" in heading and draw(st.booleans()):
            lines += ["[devices.when]", f"k = {draw(st.sampled_from(TEXTS))}"]
    return draw(st.sampled_from(("\n", "\r\n"))).join("\n".join((*lines, "")).split("\n"))


def told(document: Document | None) -> object:
    """Everything that a reader can see of a file, with lines."""
    assert document is not None
    tables = [
        (record.line, dict(record.values), dict(record.lines)) for name in LISTS for record in document.tables(name)
    ]
    rest = {name: value for name, value in document.data.items() if name not in LISTS}
    return tables, rest, {name: document.top().lines[name] for name in rest}


@given(documents())
def test_in_pieces_as_at_once(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Where a file is cut changes neither a value nor the line that it is told to stand on."""
    folder = tmp_path_factory.mktemp("toml")
    (folder / "a.toml").write_bytes(f"#\n{text}".encode())
    whole, cut = Report(), Report()

    expected = told(read_toml(folder, "a.toml", whole))

    assert told(stream_toml(folder, "a.toml", cut, LISTS, small=0)) == expected
    assert whole.findings == cut.findings == []


def test_a_cut_that_knows_no_quotation_marks_is_noticed() -> None:
    """A heading inside of a text is none: who cuts there breaks the table."""
    lines = ["[[rules]]\n", 'reason = """\n', "[[rules]]\n", '"""\n']

    assert [piece.name for piece in pieces(lines, LISTS)] == ["rules", ""]
    assert [piece.name for piece in pieces([lines[0], *lines[2:]], LISTS)] == ["rules", "rules", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a = 1\n[[devices]]\nid = "x"\n\n[[devices]]\nid = \n', "a.toml:6: is not TOML: Invalid value"),
        ('[[devices]]\nid = "x"\nid = "y"\n', "a.toml:3: is not TOML: Cannot overwrite a value"),
        ('[[devices]]\nid = """\nx\n', "a.toml:3: is not TOML: Unterminated string"),
        ("devices = []\n[[devices]]\nid = 1\n", "a.toml:1: devices: is written here, and as [[devices]] as well: write it in one way"),
        ("[[devices]\nid = 1\n", "a.toml:1: is not TOML: Expected ']]' at the end of an array declaration"),
        ("[devices]\nid = 1\n", "a.toml:1: devices: is not a list of tables: begin each with [[devices]]"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_line(tmp_path: Path, text: str, expected: str) -> None:
    """The line is counted from the file's beginning, whatever piece it is in."""
    (tmp_path / "a.toml").write_text(text)
    report = Report()

    document = stream_toml(tmp_path, "a.toml", report, LISTS, small=0)
    read = list(document.tables("devices")) if document else []

    assert [str(finding) for finding in report.findings] == [expected]
    assert all(record.values for record in read)


def test_another_encoding(tmp_path: Path) -> None:
    """Found while reading, told at its line."""
    (tmp_path / "a.toml").write_bytes(b'[[devices]]\nid = "x"\nname = "T\xe9l"\n')
    report = Report()

    assert stream_toml(tmp_path, "a.toml", report, LISTS, small=0) is None
    assert [str(finding) for finding in report.findings] == ["a.toml:1: is not UTF-8: save the file as UTF-8"]


def a_device(at: int) -> str:
    return f'[[devices]]\nid = "d{at}"\nbrand = "Acme"\nmodel = "M{at}"\ncategory = "any"\naliases = ["a{at}", "b{at}"]\n\n'


def test_ten_times_as_many_tables_in_the_same_room(tmp_path: Path) -> None:
    """Tables leave nothing behind but what is made of them."""

    def room_for(count: int) -> int:
        with (tmp_path / "many.toml").open("w") as file:
            file.writelines(a_device(at) for at in range(count))
        tracemalloc.start()
        document = stream_toml(tmp_path, "many.toml", Report(), LISTS, small=0)
        assert document is not None
        read = sum(1 for _ in document.tables("devices"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == count
        return most

    few, many = room_for(1_000), room_for(10_000)

    assert many < few + 200_000


def test_an_import_streams_what_is_large(tmp_path: Path) -> None:
    """Catalogues come in the same way from a file of any size, and every character is told once."""
    text = "".join(map(a_device, range(50))) + '[[categories]]\nid = "any"\nname = "Any"\n'
    (tmp_path / "small.toml").write_text(text)
    (tmp_path / "large.toml").write_text(PADDING + text)
    ticks: list[int] = []

    small, large = (
        Import(Catalogue({}, {}, {}), "GBP").read([tmp_path / name], ticks.append).catalogue
        for name in ("small.toml", "large.toml")
    )

    assert small == large
    assert (len(large.devices), large.categories) == (50, {"any": Category("any", "Any")})
    assert sum(ticks) == 2 * len(text) + len(PADDING)


def test_faults_in_a_large_import(tmp_path: Path) -> None:
    """A fault is told by line and field in a large file as well."""
    text = PADDING + a_device(1).replace("category", "catgory")
    (tmp_path / "new.toml").write_text(text)

    with pytest.raises(FileProblems) as refused:
        Import(Catalogue({"any": Category("any", "Any")}, {}, {}), "GBP").read(
            [tmp_path / "new.toml"], lambda read: None
        )

    assert str(refused.value).splitlines()[0] == "new.toml:250001: category: is missing"


def test_pieces_need_no_room(tmp_path: Path) -> None:
    """A piece is handed on as soon as the next begins."""

    def endless() -> Iterator[str]:
        while True:
            yield "[[devices]]\n"

    assert next(pieces(endless(), LISTS)) == Piece("devices", ((1, "[[devices]]\n"),))
