"""Starting a process as a copy of this one, which must be small: no threads, no event loop, nothing open that two may not use."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

WATCHED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
BROKEN: Final = 70
"""The exit code of a process that ended by an error nobody foresaw."""


@frozen(kw_only=True)
class Child:
    """A process that was started. `opened` can be read from when it is open, or gone."""

    number: int
    pid: int
    opened: int
    since: float = field(eq=False)

    def exit_code(self) -> int | None:
        """Answer how it ended, -9 for the ninth signal, and forget it; None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def has_opened(self) -> bool:
        """Whether that is why `opened` can be read from."""
        return bool(os.read(self.opened, 1))


def fork(number: int, main: Callable[[int], int], *, since: float) -> Child:
    """Start a process that runs `main`, which is told where to write when it is open, and ends with the code it answers.

    It starts with SIGTERM and SIGINT held back until somebody listens to them (`stopping`), so none is lost meanwhile.
    """
    hear, tell = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    pid = os.fork()
    if pid == 0:
        os.close(hear)
        _be_child(main, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
    os.close(tell)
    return Child(number=number, pid=pid, opened=hear, since=since)


def _be_child(main: Callable[[int], int], tell: int) -> None:
    """Run it and end at once: nothing of what the parent has to do at its own end is this process's."""
    code = BROKEN
    try:
        signal.set_wakeup_fd(-1)
        for each in WATCHED:
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))
        code = main(tell)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
