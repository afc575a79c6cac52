"""Whether the command line understands what a deployment file has it do."""

from cyclopts import CycloptsError

from repaircore.entrypoints.cli.app import build


def is_understood(words: list[str]) -> bool:
    """Whether these are a command of ours with options that it has. Nothing is run."""
    try:
        command, _, _ = build().parse_args(words, print_error=False, exit_on_error=False)
    except CycloptsError:
        return False
    return command.__module__.startswith("repaircore.entrypoints.cli.")
