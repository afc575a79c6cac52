"""What one unit of work has gathered to do to the state."""

from collections.abc import Callable

from attrs import define, field

from repaircore.adapters.storage.memory.state import State

Write = Callable[[State], object]


@define
class Gathered:
    """Shared by the repositories of one unit of work."""

    state: State
    writes: list[Write] = field(factory=list)
    wakes: bool = False

    def write(self, write: Write) -> None:
        """Gather a change."""
        self.writes.append(write)

    def take(self) -> list[Write]:
        """Hand over everything gathered, and be empty."""
        writes, self.writes, self.wakes = self.writes, [], False
        return writes
