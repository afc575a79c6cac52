"""Writes the parts of the documentation that come from the code: `python -m repaircore.entrypoints.generate docs`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from repaircore.entrypoints.http import openapi

PAGES: Mapping[str, Callable[[], str]] = {
    "openapi.json": openapi.for_people,
}


def generate(folder: Path) -> None:
    """Write every generated page into the folder."""
    for name, text in PAGES.items():
        (folder / name).write_text(text())


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
