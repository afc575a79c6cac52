"""Long work in pieces: whoever does it may let others have a turn in between."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

Done = TypeVar("Done")

Pieces: TypeAlias = Generator[None, None, Done]  # it yields after each piece, and returns what came of all


def at_once(work: Pieces[Done]) -> Done:
    """Do all of it without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as finished:
            done: Done = finished.value
            return done
