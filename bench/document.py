"""The tables inside `docs/benchmarks.md`, between two markers."""

from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- {name}: begin -->\n", "<!-- {name}: end -->\n"


def written(text: str, tables: str, *, name: str = "last run") -> str:
    """Put the tables in place of those of the run before. Raises ValueError when the markers are missing."""
    head, begin, rest = text.partition(_BEGIN.format(name=name))
    _, end, tail = rest.partition(_END.format(name=name))
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has no markers for {name!r}")
    return f"{head}{begin}\n{tables}\n\n{end}{tail}"
