"""What commands print: JSON for scripts, tables for people, progress only where somebody watches."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol


class Phases(Protocol):
    """Long work tells where it is."""

    def __call__(self, description: str) -> None: ...


class Watching(Protocol):
    """Long work tells what begins, and how much of it is done."""

    def begin(self, description: str) -> None: ...

    def tell(self, done: int, of: int) -> None: ...


def warn(line: str) -> None:
    """Say something on stderr that is no refusal."""
    print(f"repaircore: {line}", file=sys.stderr)


def write_json(value: Any) -> None:
    """Write one JSON document on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def write_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Write a table on stdout, or `empty` where there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else 10_000
    console.print(table)


@contextmanager
def progress(title: str, *, phases: int) -> Iterator[Phases]:
    """Show a bar over that many phases on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda description: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=phases)
        started = False

        def begin(description: str) -> None:
            nonlocal started
            bar.update(task, description=description, advance=1 if started else 0)
            started = True

        yield begin


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr, if that is a terminal; it is told how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@contextmanager
def watching() -> Iterator[Watching]:
    """Show a bar for each part of long work on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield _Unwatched()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bars(bar)


class _Unwatched:
    def begin(self, description: str) -> None:
        """Nobody looks."""

    def tell(self, done: int, of: int) -> None:
        """Nobody looks."""


class _Bars:
    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task: Any = None

    def begin(self, description: str) -> None:
        if self._task is not None:
            self._bar.update(self._task, total=1, completed=1)
        self._task = self._bar.add_task(description, total=None)

    def tell(self, done: int, of: int) -> None:
        self._bar.update(self._task, completed=done, total=of)
