"""The command line's page in the documentation: what every command answers to `--help`."""

from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console

from repaircore.entrypoints.cli.app import app

_WIDTH = 96
_INTRODUCTION = """# The command line

What each command answers to `--help`, written by `make docs`; a test keeps the two in step.
"""


def manual() -> str:
    """Write the page."""
    return _INTRODUCTION + "".join(f"\n## `{' '.join(words)}`\n\n```\n{_help(words[1:])}```\n" for words in _commands())


def _commands() -> Iterator[tuple[str, ...]]:
    yield ("repaircore",)
    for name in _names(app):
        yield ("repaircore", name)
        yield from (("repaircore", name, inner) for inner in _names(app[name]))


def _names(commands: Iterable[str]) -> list[str]:
    return [name for name in commands if not name.startswith("-")]


def _help(words: tuple[str, ...]) -> str:
    written = StringIO()
    app.help_print(words, console=Console(file=written, width=_WIDTH, color_system=None, legacy_windows=False))
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())
