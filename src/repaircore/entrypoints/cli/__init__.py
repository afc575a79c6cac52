"""The command line: `repaircore …`. Parses, calls a use case, says what came of it."""

import sys

from repaircore.entrypoints.cli.quick import plain_serve, serve
from repaircore.entrypoints.cli.refusals import answered

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name, and leave with its exit code: 0 done, 1 it cannot be done, 2 wrong usage."""
    sys.exit(answered(_run, sys.argv[1:]))


def _run(arguments: list[str]) -> object:
    plain = plain_serve(arguments)
    if plain is not None:
        serve(plain)
        return None
    from repaircore.entrypoints.cli.app import run

    return run(arguments)
