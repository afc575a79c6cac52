"""Events: what happened, as frozen values. A room declares its own beside its rules; storage only needs this much of them."""

from datetime import datetime
from typing import ClassVar

from attrs import frozen

from repaircore.domain.actors import Actor


@frozen(kw_only=True)
class Event:
    """Something that happened to one aggregate. `name` is stable (`booking.confirmed`); no personal data, no secrets."""

    name: ClassVar[str]
    aggregate_id: str
    at: datetime
    by: Actor
