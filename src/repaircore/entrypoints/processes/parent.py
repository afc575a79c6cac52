"""The parent of several server processes. It does nothing else, so that nothing else can bring it down."""

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Final

import msgspec
from attrs import define, field

from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.process import announce
from repaircore.entrypoints.processes.board import PARENT, Board
from repaircore.entrypoints.processes.forking import WATCHED, Child, fork
from repaircore.entrypoints.processes.post import FIRST, Post

Main = Callable[[Post], int]
"""Serves at a post until it is told to stop, and answers the exit code."""

DONE, REFUSED = 0, 1
_STEADY: Final = 60.0  # seconds: who lived that long is replaced at once
_LONGEST: Final = 30.0  # seconds between two tries


@define(eq=False)
class Parent:
    """Starts `many` processes, replaces those that end, and ends with them.

    The first opens before the others: what it is refused for ends everything, exit code 1. SIGTERM and SIGINT are passed on; then
    the exit code is 0 when each process finished what it had in hand, and 1 when one had to be killed or ended otherwise.
    """

    many: int
    main: Main
    backroom: socket
    log: JsonLog
    patience: float
    grace: float = 10.0  # seconds beyond `patience` before those that have not ended are killed
    _board: Board = field(init=False)
    _children: dict[int, Child] = field(factory=dict, init=False)
    _due: dict[int, float] = field(factory=dict, init=False)  # when to start whom
    _failures: dict[int, int] = field(factory=dict, init=False)  # in a row
    _restarts: dict[int, int] = field(factory=dict, init=False)
    _opened: set[int] = field(factory=set, init=False)  # at least once
    _deadline: float | None = field(default=None, init=False)  # when stopping
    _code: int = field(default=DONE, init=False)
    _selector: selectors.BaseSelector = field(factory=selectors.DefaultSelector, init=False)
    _lifeline: tuple[int, int] = field(factory=os.pipe, init=False)  # ends when the parent is gone, however it went

    def __attrs_post_init__(self) -> None:
        self._board = Board(self.many + 1)

    def run(self) -> int:
        """Run until every process has ended; answer the exit code."""
        with self._hearing_signals():
            self._due[FIRST] = time.monotonic()
            while self._children or self._due:
                self._start_due()
                for key, _ in self._selector.select(self._seconds_to_wait()):
                    key.data()
                self._look_after()
                self._insist()
        announce(self.log, "all stopped", processes=self.many)
        return self._code

    def stop(self) -> None:
        """Tell every process to stop; whoever tells a second time changes nothing."""
        if self._deadline is not None:
            return
        self._deadline = time.monotonic() + self.patience + self.grace
        self._due.clear()
        for child in self._children.values():
            os.kill(child.pid, signal.SIGTERM)

    def _start_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            child = fork(number, lambda opened, number=number: self._child(number, opened), since=now)  # type: ignore[misc]
            self._children[number] = child
            self._selector.register(child.opened, selectors.EVENT_READ, lambda child=child: self._heard(child))

    def _child(self, number: int, opened: int) -> int:
        """What a child does first: let go of what is the parent's alone."""
        os.close(self._lifeline[1])
        self._selector.close()
        door = number not in self._opened
        parent = self._lifeline[0]
        post = Post(number=number, board=self._board, backroom=self.backroom, parent=parent, opened=opened, door=door)
        return self.main(post)

    def _heard(self, child: Child) -> None:
        """It is open, or it is gone and will be looked after."""
        is_open = child.has_opened()
        self._selector.unregister(child.opened)
        os.close(child.opened)
        if not is_open or child.number in self._opened:
            return
        self._opened.add(child.number)
        if child.number == FIRST and self._deadline is None:
            self._due.update((number, child.since) for number in range(FIRST + 1, self.many + 1))
        if len(self._opened) == self.many:
            announce(self.log, "all open", processes=self.many)

    def _look_after(self) -> None:
        for child in [*self._children.values()]:
            code = child.exit_code()
            if code is not None:
                del self._children[child.number]
                self._ended(child, code)

    def _ended(self, child: Child, code: int) -> None:
        if self._deadline is not None:
            self._code = self._code if code == DONE else REFUSED
        elif FIRST not in self._opened:
            self._code = REFUSED  # it has said why
        else:
            self._replace(child, code)

    def _replace(self, child: Child, code: int) -> None:
        """Start another one: at once when this one ended after a long life or for the first time, else later and later."""
        number, now = child.number, time.monotonic()
        failures = 1 if now - child.since >= _STEADY else self._failures.get(number, 0) + 1
        delay = 0.0 if failures == 1 else min(_LONGEST, 2.0 ** (failures - 2))
        self._failures[number], self._due[number] = failures, now + delay
        self._restarts[number] = self._restarts.get(number, 0) + 1
        self._board.post(PARENT, msgspec.msgpack.encode(self._restarts))
        self.log.warning(
            "process ended: another takes its place", process=number, pid=child.pid, exit_code=code, seconds=delay
        )

    def _insist(self) -> None:
        """Kill what should have ended by now."""
        if self._deadline is None or time.monotonic() < self._deadline:
            return
        self._deadline = float("inf")
        for child in self._children.values():
            self.log.warning("process killed: it did not stop in time", process=child.number, pid=child.pid)
            os.kill(child.pid, signal.SIGKILL)

    def _seconds_to_wait(self) -> float | None:
        moments = [*self._due.values(), *([] if self._deadline is None else [self._deadline])]
        first = min(moments, default=float("inf"))
        return None if first == float("inf") else max(0.0, first - time.monotonic())

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        hear, tell = os.pipe()
        os.set_blocking(hear, False)
        os.set_blocking(tell, False)
        before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        handlers = {each: signal.signal(each, lambda number, frame: None) for each in WATCHED}
        self._selector.register(hear, selectors.EVENT_READ, lambda: self._signalled(os.read(hear, 4096)))
        try:
            yield
        finally:
            for each, handler in handlers.items():
                signal.signal(each, handler)
            signal.set_wakeup_fd(before)
            self._selector.close()
            for end in (hear, tell, *self._lifeline):
                os.close(end)

    def _signalled(self, numbers: bytes) -> None:
        if any(number != signal.SIGCHLD for number in numbers):
            self.stop()
