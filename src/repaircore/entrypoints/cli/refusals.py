"""How a command ends when the request cannot be met: one line that says why and what to do, exit code 1, no traceback."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from repaircore.domain.errors import DomainError
from repaircore.ports.errors import PortError

DONE, REFUSED = 0, 1


class CannotBeDone(DomainError):
    """The command cannot do what was asked. The text says why and what to do."""

    code = "cannot_be_done"


def answered(command: Callable[[list[str]], object], arguments: list[str]) -> int:
    """Run a command and answer its exit code; what it refuses is told on stderr."""
    try:
        result = command(arguments)
    except (DomainError, PortError) as refusal:
        return refused(one_line(refusal))
    except BrokenPipeError:  # whoever reads our output has seen enough
        sys.stderr.close()
        return REFUSED
    except OSError as problem:
        return refused(f"{problem.filename or 'the system'}: {problem.strerror or problem}")
    return result if isinstance(result, int) else DONE


def refused(line: str) -> int:
    """Say why not, and answer the exit code."""
    print(f"repaircore: {line}", file=sys.stderr)
    return REFUSED


@contextmanager
def faults_in_full(outcome: str = "nothing is done") -> Iterator[None]:
    """List every fault of what was handed in, where there are several: no other command would."""
    try:
        yield
    except DomainError as refusal:
        several = _several(refusal)
        if len(several) < 2:
            raise
        print("\n".join(several), file=sys.stderr)
        raise CannotBeDone(f"{outcome}: {len(several)} faults, listed above") from None


def faults(error: Exception) -> tuple[str, ...]:
    """Take an error apart into its faults, one line each: the errors of files and rulebooks carry many."""
    lines = (line for line in str(error).splitlines() if line.strip())
    return _several(error) or tuple(lines) or (type(error).__name__,)


def _several(error: Exception) -> tuple[str, ...]:
    return tuple(str(each) for name in ("findings", "problems") for each in getattr(error, name, ()))


def one_line(error: Exception) -> str:
    """Tell an error in one line: its first fault, and how many more there are."""
    first, *others = faults(error)
    if not others:
        return first
    more = "one more fault" if len(others) == 1 else f"{len(others)} more faults"
    return f"{first} (and {more}: `repaircore check-config` lists them all)"
