"""Time, as everything that waits sees it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits on it. A sandbox or a test may move it by hand."""

    def now(self) -> datetime:
        """Answer this moment, in UTC, with tzinfo. Never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back once that much of this clock's time has passed; zero or less yields once."""
        ...
