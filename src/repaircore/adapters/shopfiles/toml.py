"""TOML files: the values by the standard library's parser, and the line on which each of them is written."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from repaircore.adapters.shopfiles.pieces import Numbered, Piece, Reach, pieces
from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.streaming import Tick, stream_file, unwatched
from repaircore.adapters.shopfiles.text import read_text

_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAMES = rf"({_NAME}(?:\s*\.\s*{_NAME})*)"
_HEADER = re.compile(rf"\s*(\[\[?)\s*{_NAMES}\s*\]")
_KEY = re.compile(rf"\s*{_NAMES}\s*=")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_QUOTES = re.compile(r"""["'\s]""")
SMALL = 2_000_000
"""Up to so many bytes a file is read at once, which is quicker."""


@define
class _Block:
    """Where one table begins and where each of its keys stands; `when.brand` is the brand in its table `when`."""

    line: int
    keys: dict[str, int] = field(factory=dict)


@define
class Document:
    """A TOML file that could be parsed; its values are still to be read."""

    file: str
    report: Report
    data: Mapping[str, object]
    blocks: Mapping[str, list[_Block]]
    streamed: Mapping[str, "_Streamed"] = field(factory=dict)

    def top(self) -> Record:
        """Answer the keys above every table, and the tables as values."""
        block = self.blocks[""][0]
        return Record(self.report, self.file, block.line, self.data, {**self._first_lines(), **block.keys})

    def tables(self, name: str) -> Iterator[Record]:
        """Answer the `[[name]]` tables, in order."""
        if name in self.streamed:
            yield from self.streamed[name].records(self.file, self.report)
            return
        found = self.data.get(name, [])
        if not (isinstance(found, list) and all(isinstance(table, dict) for table in found)):
            self.top().fault(name, f"is not a list of tables: begin each with [[{name}]]")
            return
        blocks = self.blocks.get(name, [])
        for index, table in enumerate(found):
            block = blocks[index] if index < len(blocks) else _Block(1)
            yield Record(self.report, self.file, block.line, table, block.keys)

    def table(self, name: str) -> Record:
        """Answer the `[name]` table; an absent one is empty."""
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            self.top().fault(name, f"is not a table: begin it with [{name}]")
            found = {}
        block = self.blocks.get(name, [_Block(1)])[0]
        return Record(self.report, self.file, block.line, found, block.keys)

    def _first_lines(self) -> dict[str, int]:
        return {name: blocks[0].line for name, blocks in self.blocks.items() if name}


def read_toml(root: Path, name: str, report: Report) -> Document | None:
    """Answer the file, or None after noting why it cannot be parsed. Numbers with a point arrive as their text, exactly."""
    content = read_text(root, name, report)
    return None if content is None else _document(_numbered(content), name, report)


def stream_toml(
    root: Path, name: str, report: Report, lists: Collection[str], tick: Tick = unwatched, *, small: int = SMALL
) -> Document | None:
    """Answer the file as `read_toml` does; of a file that is not `small` the tables `[[name]]` of these lists are read one by
    one when they are asked for, so that their number does not matter. `tick` is told what was read."""
    file = root / name
    if not file.is_file() or (size := file.stat().st_size) <= small:
        document = read_toml(root, name, report)
        tick(size if document else 0)
        return document
    return _streaming(file, name, report, lists, tick)


def _streaming(file: Path, name: str, report: Report, lists: Collection[str], tick: Tick) -> Document | None:
    before, rest, count = len(report.findings), Piece("", ()), Counter[str]()
    for rest in pieces(stream_file(file, report, unwatched, shown=name), lists):
        count[rest.name] += 1
    document = _document(rest.lines, name, report) if len(report.findings) == before else None
    if document is None:
        return None
    tick(sum(len(line) for _, line in rest.lines))
    streamed = {each: _Streamed(file, each, tick) for each in lists if count[each]}
    for each in streamed.keys() & document.data.keys():
        document.top().fault(each, f"is written here, and as [[{each}]] as well: write it in one way")
    return evolve(document, data={**document.data, **{each: [] for each in streamed}}, streamed=streamed)


@frozen
class _Streamed:
    """The tables of one list, read anew from the file each time."""

    file: Path
    name: str
    tick: Tick

    def records(self, shown: str, report: Report) -> Iterator[Record]:
        for piece in pieces(stream_file(self.file, report, unwatched, shown=shown), (self.name,)):
            if piece.name:
                self.tick(sum(len(line) for _, line in piece.lines))
                document = _document(piece.lines, shown, report)
                yield from document.tables(self.name) if document else ()


def _document(lines: Sequence[Numbered], name: str, report: Report) -> Document | None:
    """Parse lines, which need not be all of the file; after noting why they cannot be parsed, None."""
    try:
        data = tomllib.loads("".join(line for _, line in lines), parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        at = _AT_LINE.search(str(wrong))
        line = lines[min(int(at[1]), len(lines)) - 1 if at and at[1] else -1][0]
        report.add(name, line, "", f"is not TOML: {_AT_LINE.sub('', str(wrong))}")
        return None
    return Document(name, report, data, _scan(lines))


def _numbered(content: str) -> list[Numbered]:
    return [(number, f"{line}\n") for number, line in enumerate(content.split("\n"), start=1)]


def _scan(lines: Iterable[Numbered]) -> dict[str, list[_Block]]:
    """Find the line of every table and key. Further lines of a value are passed over."""
    blocks: dict[str, list[_Block]] = {"": [_Block(1)]}
    block, prefix, reach = blocks[""][0], "", Reach()
    for number, line in lines:
        if not reach.is_open:
            if header := _HEADER.match(line):
                block, prefix = _enter(blocks, _QUOTES.sub("", header[2]), number, begins=header[1] == "[[")
                continue
            if key := _KEY.match(line):
                block.keys.setdefault(prefix + _QUOTES.sub("", key[1]), number)
        reach.over(line)
    return blocks


def _enter(blocks: dict[str, list[_Block]], name: str, line: int, *, begins: bool) -> tuple[_Block, str]:
    """Answer the block that the header opens, and the prefix of its keys: `[rules.when]` belongs to the last of `[[rules]]`."""
    owner, _, rest = name.partition(".")
    if rest and owner in blocks:
        blocks[owner][-1].keys.setdefault(rest, line)
        return blocks[owner][-1], f"{rest}."
    if begins or name not in blocks:
        blocks.setdefault(name, []).append(_Block(line))
    return blocks[name][-1], ""
