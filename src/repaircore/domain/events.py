"""Events: what happened, as frozen values. A room declares its own beside its rules; storage only needs this much of them."""

from datetime import datetime

from attrs import frozen

from repaircore.domain.actors import Actor


@frozen(kw_only=True)
class Event:
    """Something that happened to one aggregate, whose stream it joins. No personal data, no secrets."""

    aggregate_id: str
    at: datetime
    by: Actor

    @property
    def name(self) -> str:
        """The stable name, `room.past_participle`, by which subscribers and outgoing webhooks know it."""
        raise TypeError(f"{type(self).__name__} has no name")
