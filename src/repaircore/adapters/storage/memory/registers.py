"""Event streams, rulebooks, the inbox, API keys and kept answers in memory."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from repaircore.adapters.storage.encoding import event_data, read_data
from repaircore.adapters.storage.memory.gathering import Gathered
from repaircore.adapters.storage.memory.state import State
from repaircore.domain.errors import NotFound
from repaircore.domain.events import Event
from repaircore.domain.identity import KeyId
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import ApiKey, InboxMessage, RecordedEvent, Replay


@frozen
class MemoryEvents:
    """The event streams; append-only."""

    _gathered: Gathered

    async def of_aggregate(self, aggregate_id: str) -> Sequence[RecordedEvent]:
        """List one stream in order."""
        return [event for event in self._gathered.state.events.values() if event.aggregate_id == aggregate_id]

    async def after(self, position: int, *, limit: int) -> Sequence[RecordedEvent]:
        """List all streams in order of commit."""
        events = self._gathered.state.events
        return [events[place] for place in range(position + 1, min(len(events), position + limit) + 1)]


def append(state: State, event: Event) -> None:
    """Add an event to its stream."""
    position, sequence = len(state.events) + 1, state.sequences.get(event.aggregate_id, 0) + 1
    recorded = RecordedEvent(
        position=position,
        sequence=sequence,
        name=event.name,
        aggregate_id=event.aggregate_id,
        at=event.at,
        by=event.by,
        data=read_data(event_data(event)),
    )
    state.put(state.sequences, event.aggregate_id, sequence)
    state.put(state.events, position, recorded)


@frozen
class MemoryRulebooks:
    """Published rulebooks, when each came into force, and drafts; immutable."""

    _gathered: Gathered

    async def get(self, version: str) -> Rulebook:
        """Read one. Raises NotFound."""
        rulebook = self._gathered.state.rulebooks.get(version)
        if rulebook is None:
            raise NotFound("rulebook", version)
        return rulebook

    async def content_hash(self, version: str) -> str:
        """Hash one. Raises NotFound."""
        return content_hash(await self.get(version))

    async def all(self) -> Sequence[Rulebook]:
        """List them in order of publishing."""
        return list(self._gathered.state.rulebooks.values())

    def add(self, rulebook: Rulebook, *, at: datetime) -> None:
        """Gather the publication."""
        self._gathered.write(
            lambda state: state.insert(state.rulebooks, rulebook.version, rulebook, "rulebook.version")
        )

    async def publications(self, *, after: int = 0) -> Sequence[Publication]:
        """List them in order, from just behind that number."""
        return sorted(
            (each for each in self._gathered.state.publications.values() if each.number > after),
            key=lambda each: each.number,
        )

    def publish(self, publication: Publication) -> None:
        """Gather the publication."""
        self._gathered.write(
            lambda state: state.insert(state.publications, publication.number, publication, "rulebook.publication")
        )

    async def draft(self, draft_id: str) -> Draft:
        """Read a draft. Raises NotFound."""
        draft = self._gathered.state.drafts.get(draft_id)
        if draft is None:
            raise NotFound("draft of a rulebook", draft_id)
        return draft

    def add_draft(self, draft: Draft) -> None:
        """Gather the draft."""
        self._gathered.write(lambda state: state.insert(state.drafts, draft.id, draft, "rulebook.draft"))


@frozen
class MemoryInbox:
    """Verified webhooks, each stored once."""

    _gathered: Gathered

    async def get(self, provider: str, event_id: str) -> InboxMessage:
        """Read one. Raises NotFound."""
        message = self._gathered.state.inbox.get((provider, event_id))
        if message is None:
            raise NotFound("webhook", f"{provider}/{event_id}")
        return message

    def add(self, message: InboxMessage) -> None:
        """Gather the message."""
        key = message.provider, message.event_id
        self._gathered.write(lambda state: state.insert(state.inbox, key, message, "inbox.event"))


@frozen
class MemoryApiKeys:
    """API keys by hash."""

    _gathered: Gathered

    async def by_hash(self, key_hash: str) -> ApiKey | None:
        """Read one; None when nobody has it."""
        return next((key for key in self._gathered.state.api_keys.values() if key.key_hash == key_hash), None)

    async def all(self) -> Sequence[ApiKey]:
        """List them, oldest first."""
        return sorted(self._gathered.state.api_keys.values(), key=lambda key: (key.created_at, key.id))

    def add(self, key: ApiKey) -> None:
        """Gather the key."""

        def write(state: State) -> None:
            if any(known.key_hash == key.key_hash for known in state.api_keys.values()):
                raise AlreadyExists("api_key.hash")
            state.insert(state.api_keys, key.id, key, "api_key.id")

        self._gathered.write(write)

    async def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        """Gather the revocation. Raises NotFound."""
        if key_id not in self._gathered.state.api_keys:
            raise NotFound("API key", key_id)

        def write(state: State) -> None:
            state.put(state.api_keys, key_id, evolve(state.api_keys[key_id], revoked_at=at))

        self._gathered.write(write)


@frozen
class MemoryReplays:
    """Answers kept for idempotency keys."""

    _gathered: Gathered

    async def get(self, scope: str, key: str) -> Replay | None:
        """Read one; None when the key is new."""
        return self._gathered.state.replays.get((scope, key))

    def add(self, replay: Replay) -> None:
        """Gather the answer."""
        key = replay.scope, replay.key
        self._gathered.write(lambda state: state.insert(state.replays, key, replay, "idempotency.key"))

    def prune(self, *, created_before: datetime) -> None:
        """Gather the forgetting of older ones."""

        def write(state: State) -> None:
            for key in [key for key, replay in state.replays.items() if replay.created_at < created_before]:
                state.drop(state.replays, key)

        self._gathered.write(write)
