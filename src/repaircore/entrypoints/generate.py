"""Writes the parts of the documentation that come from the code: `python -m repaircore.entrypoints.generate docs`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from repaircore.domain.booking.lifecycle import MOVES, PROFILES, Lifecycle, mermaid
from repaircore.entrypoints.cli.manual import manual
from repaircore.entrypoints.http import openapi

_LIFECYCLE = """# The life of a booking

Generated from the table in `repaircore.domain.booking.lifecycle` by `make docs`; a test keeps the two in step. A business names its
profile in its business file. Every move has an actor, a time, a row in the history and an event.

## Moves

| action | leads to | who | needs a reason | event |
|---|---|---|---|---|
"""


def lifecycle_page() -> str:
    """Draw every profile, and list the moves they share."""
    rows = [
        f"| `{action}` | `{move.target}` | {', '.join(sorted(move.roles))} | {'yes' if move.needs_reason else ''} | `{move.event}` |"
        for action, move in MOVES.items()
    ]
    return _LIFECYCLE + "\n".join(rows) + "\n" + "".join(_drawn(each) for each in PROFILES.values())


def _drawn(lifecycle: Lifecycle) -> str:
    return f"\n## Profile `{lifecycle.name}`\n\n```mermaid\n{mermaid(lifecycle)}```\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "openapi.json": openapi.for_people,
    "lifecycle.md": lifecycle_page,
    "cli.md": manual,
}


def generate(folder: Path) -> None:
    """Write every generated page into the folder."""
    for name, text in PAGES.items():
        (folder / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
