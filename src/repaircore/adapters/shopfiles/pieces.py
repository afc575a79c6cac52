"""A TOML file cut at the headings of its tables, so that one table after the other can be parsed, and not the whole at once."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator

from attrs import define, field, frozen

Numbered = tuple[int, str]
"""A line of a file with its number."""

_TOKEN = re.compile(r""""{3}|'{3}|"(?:\\.|[^"\\])*"|'[^']*'|\#.*|[\[\]{}]""")
_ENDS = {'"""': re.compile(r'(?:\\.|[^\\])*?"{3,5}', re.DOTALL), "'''": re.compile(r"(?:.)*?'{3,5}", re.DOTALL)}
_HEADING = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]", re.ASCII)
_OPENING = frozenset("[{")
_CLOSING = frozenset("]}")


@frozen
class Piece:
    """Some lines of a file that belong together; `name` is the list that they are a table of, and empty for all others."""

    name: str
    lines: tuple[Numbered, ...]


@define
class Reach:
    """How far a value reaches over the line that it begins on: inside which quotation marks, and how many brackets, it is."""

    quotes: str = ""
    depth: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the next line still belongs to the value."""
        return bool(self.quotes) or self.depth > 0

    def over(self, line: str) -> None:
        """Take in a line."""
        if not self.is_open and not ('"""' in line or "'''" in line or "[" in line or "{" in line):
            return
        at = 0
        while at < len(line):
            at = self._past_text(line, at) if self.quotes else self._past_token(line, at)

    def _past_text(self, line: str, at: int) -> int:
        end = _ENDS[self.quotes].match(line, at)
        self.quotes = "" if end else self.quotes
        return end.end() if end else len(line)

    def _past_token(self, line: str, at: int) -> int:
        token = _TOKEN.search(line, at)
        if token is None:
            return len(line)
        if token[0] in _ENDS:
            self.quotes = token[0]
        self.depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
        return token.end()


@define
class _Gathering:
    """The lines of the piece that is being read."""

    name: str = ""
    lines: list[Numbered] = field(factory=list)


def pieces(lines: Iterable[str], wanted: Collection[str]) -> Iterator[Piece]:
    """Cut a file: every table `[[name]]` of a wanted name is a piece, with the tables inside of it; all lines of the others
    come last, as one piece without a name."""
    rest: list[Numbered] = []
    current, reach = _Gathering(), Reach()
    for number, line in enumerate(lines, start=1):
        if not reach.is_open and line.lstrip().startswith("["):
            name, begins = _headed(line)
            if begins or name != current.name:
                if current.name:
                    yield Piece(current.name, tuple(current.lines))
                current = _Gathering(name if begins and name in wanted else "")
        (current.lines if current.name else rest).append((number, line))
        reach.over(line)
    if current.name:
        yield Piece(current.name, tuple(current.lines))
    yield Piece("", tuple(rest))


def _headed(line: str) -> tuple[str, bool]:
    """Answer the list that a heading is for, and whether it begins the next table of it: `[rules.when]` is inside of the last."""
    if plain := _HEADING.match(line):
        return plain[1], True
    try:
        (name, inner), *_ = tomllib.loads(line).items()
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return "", False
    return name, isinstance(inner, list)
