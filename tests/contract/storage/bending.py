"""How a twin in memory is made to lie: one of its methods is replaced by another, made from the honest one."""

from collections.abc import Callable
from typing import Any

from repaircore.adapters.storage.memory import MemoryStorage

Lie = Callable[[Any, MemoryStorage], Any]
"""Given the honest method and the storage, answers the lying method."""


class _Bent:
    """Something with one method replaced."""

    def __init__(self, honest: Any, method: str, lying: Any) -> None:
        self._honest = honest
        setattr(self, method, lying)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)


def bent(room: str, method: str, lie: Lie) -> type[MemoryStorage]:
    """A storage whose `room` (of every unit of work; `jobs`, `storage` or `unit` itself) has its `method` replaced."""

    class Lying(MemoryStorage):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            if room in ("jobs", "storage"):
                owner = self.jobs if room == "jobs" else self
                setattr(owner, method, lie(getattr(owner, method), self))

        def unit_of_work(self) -> Any:
            work = super().unit_of_work()
            if room == "unit":
                setattr(work, method, lie(getattr(work, method), self))
            elif room not in ("jobs", "storage"):
                honest = getattr(work, room)
                setattr(work, room, _Bent(honest, method, lie(getattr(honest, method), self)))
            return work

    return Lying


def answering(change: Callable[[Any], Any]) -> Lie:
    """Asks honestly, then changes the answer."""

    def lie(honest: Any, storage: MemoryStorage) -> Any:
        async def lying(*arguments: Any, **options: Any) -> Any:
            return change(await honest(*arguments, **options))

        return lying

    return lie


def asking(change: Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]) -> Lie:
    """Answers honestly, but another question."""

    def lie(honest: Any, storage: MemoryStorage) -> Any:
        def lying(*arguments: Any, **options: Any) -> Any:
            arguments, options = change(*arguments, **options)
            return honest(*arguments, **options)

        return lying

    return lie


def says(answer: Any) -> Lie:
    """Does nothing and answers that; for a coroutine method."""

    def lie(honest: Any, storage: MemoryStorage) -> Any:
        async def lying(*arguments: Any, **options: Any) -> Any:
            return answer

        return lying

    return lie


def ignores(honest: Any, storage: MemoryStorage) -> Any:
    """Does nothing; for a plain method."""
    return lambda *arguments, **options: None
