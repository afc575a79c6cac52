"""The market's newest snapshot, kept in hand for a moment: every quote asks for it, and it changes a few times a day."""

from datetime import datetime, timedelta
from typing import Final

from attrs import define

from repaircore.domain.pricing.market import DatedSnapshot

KEPT: Final = timedelta(seconds=2)
"""How long a snapshot that another process took in may stay unseen."""


@define
class RecentMarket:
    """What the last look found. `forget` it after every commit of a snapshot, so that this process never misses its own."""

    _found: DatedSnapshot | None = None
    _looked_until: datetime | None = None
    _look: object = None

    def knows(self, *, since: datetime, until: datetime) -> bool:
        """Whether `found` answers for that span: the look is recent, and the snapshot not too old for it."""
        if self._looked_until is None or not timedelta() <= until - self._looked_until < KEPT:
            return False
        return self._found is None or self._found.at >= since

    @property
    def found(self) -> DatedSnapshot | None:
        """The newest snapshot, None when there was none."""
        return self._found

    def look(self) -> object:
        """Begin a look; `remember` is told which."""
        self._look = object()
        return self._look

    def remember(self, found: DatedSnapshot | None, *, until: datetime, look: object) -> None:
        """Keep what that look found of everything until then, unless something was forgotten while it was under way."""
        if look is self._look:
            self._found, self._looked_until = found, until

    def forget(self) -> None:
        """Look again the next time."""
        self._looked_until = self._look = None
