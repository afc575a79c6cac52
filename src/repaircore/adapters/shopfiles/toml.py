"""TOML files: the values by the standard library's parser, and the line on which each of them is written."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.text import read_text

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_QUOTES = ('"""', "'''")


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

    def top(self) -> Record:
        """Answer the keys above every table, and the tables as values."""
        block = self.blocks[""][0]
        return Record(self.report, self.file, block.line, self.data, {**self._first_lines(), **block.keys})

    def tables(self, name: str) -> Iterator[Record]:
        """Answer the `[[name]]` tables, in order."""
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
    if content is None:
        return None
    try:
        data = tomllib.loads(content, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        at = _AT_LINE.search(str(wrong))
        line = int(at[1]) if at and at[1] else len(content.splitlines())
        report.add(name, line, "", f"is not TOML: {_AT_LINE.sub('', str(wrong))}")
        return None
    return Document(name, report, data, _scan(content))


def _scan(content: str) -> dict[str, list[_Block]]:
    """Find the line of every table and key. Lines inside a text of several lines are passed over."""
    blocks: dict[str, list[_Block]] = {"": [_Block(1)]}
    block, prefix, inside = blocks[""][0], "", ""
    for number, line in enumerate(content.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
        elif header := _HEADER.match(line):
            block, prefix = _enter(blocks, header[2], number, begins=header[1] == "[[")
        elif key := _KEY.match(line):
            block.keys.setdefault(prefix + re.sub(r"""["'\s]""", "", key[1]), number)
            inside = next((quotes for quotes in _QUOTES if line.count(quotes) == 1), "")
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
