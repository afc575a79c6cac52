"""An event loop without sockets, threads or waiting: time passes when nobody has anything to do, and programs die between two steps."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

from attrs import define

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_program: ContextVar["Program | None"] = ContextVar("program", default=None)


class NothingMoves(Exception):
    """Everybody waits for somebody else, for ever."""


@define(eq=False)
class Program:
    """What dies together. A dead program takes no further step: no handler, no `finally`, nothing."""

    alive: bool = True

    def step(self, callback: Callable[..., object], *args: Any) -> None:
        """Take one step, unless it is dead."""
        if self.alive:
            callback(*args)


class _NoSockets:
    """Where another loop would wait for the network, time passes."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise NothingMoves("nobody has anything to do, and nobody waits for a moment to come")
        self._loop.now += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready in the order of its coming; `now` is in seconds since the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _NoSockets(self)
        self._begun: list[tuple[Coroutine[Any, Any, Any], Context]] = []
        self.set_task_factory(self._task)  # type: ignore[arg-type]
        self.set_exception_handler(lambda loop, context: None)

    def time(self) -> float:
        """Answer the virtual time."""
        return self.now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Do it next, in the program that asks for it."""
        context = copy_context() if context is None else context
        program = context.get(_program)
        if program is None:
            return super().call_soon(callback, *args, context=context)
        return super().call_soon(partial(program.step, callback, *args), context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Do it then, in the program that asks for it."""
        context = copy_context() if context is None else context
        program = context.get(_program)
        if program is None:
            return super().call_at(when, callback, *args, context=context)
        return super().call_at(when, partial(program.step, callback, *args), context=context)

    def within(self, program: Program, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin something as a part of that program."""
        context = copy_context()
        context.run(_program.set, program)
        return self.create_task(work, context=context)

    def end(self) -> None:
        """Let go of everything that was begun and never finished."""
        for work, context in self._begun:
            with suppress(Exception):
                context.run(work.close)
        self.close()

    def _task(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], context: Context | None = None
    ) -> "asyncio.Task[T]":
        context = copy_context() if context is None else context
        self._begun.append((work, context))
        return asyncio.Task(work, loop=self, context=context)

    def _process_events(self, events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else could wake it."""
