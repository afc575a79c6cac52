"""Telling the story: numbered steps, facts, tables. Readable in a terminal and in a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field
from rich.console import Console
from rich.table import Table
from rich.text import Text

from repaircore.domain.money import Money

_WIDTH = 110  # where there is no terminal


@define
class Telling:
    """Writes to one console."""

    console: Console
    _steps: int = field(default=0, init=False)

    def step(self, title: str) -> None:
        """Begin a step."""
        self._steps += 1
        self.console.print()
        self.console.print(Text(f"{self._steps:>2}  {title}", style="bold cyan"))

    def fact(self, name: str, value: object) -> None:
        """Tell one thing."""
        self.console.print(Text.assemble("    ", (f"{name:<16}", "dim"), " ", str(value)), soft_wrap=True)

    def said(self, text: str) -> None:
        """Tell something in a sentence."""
        self.console.print(Text(f"    {text}"), soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table."""
        table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column("   ")
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row("", *(Text(cell) for cell in row))
        self.console.print(table)


def telling() -> Telling:
    """Tell on stdout."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    return Telling(console)


def amount(wire: Mapping[str, Any]) -> str:
    """Write an amount of the API for people."""
    return str(Money(wire["amount"], wire["currency"]))
