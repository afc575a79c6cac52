"""Event streams, rulebooks, the inbox, API keys and kept answers."""

from collections.abc import Sequence
from datetime import datetime

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.encoding import instant
from repaircore.adapters.storage.publications import draft_from, draft_row, publication_from, publication_row
from repaircore.adapters.storage.relational.gathering import Gathered
from repaircore.adapters.storage.rulebooks import hashing, reading
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import KeyId
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.receipt import rulebook_to_json
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.turns import taking_turns
from repaircore.ports.unit_of_work import ApiKey, InboxMessage, RecordedEvent, Replay


class _Register:
    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered


class RelationalEvents(_Register):
    """The event streams; append-only."""

    async def of_aggregate(self, aggregate_id: str) -> Sequence[RecordedEvent]:
        """List one stream in order."""
        return [rows.event_from(row) for row in await self._gathered.reader.all("events_of", (aggregate_id,))]

    async def after(self, position: int, *, limit: int) -> Sequence[RecordedEvent]:
        """List all streams in order of commit."""
        return [rows.event_from(row) for row in await self._gathered.reader.all("events_after", (position, limit))]


class RelationalRulebooks(_Register):
    """Published rulebooks, when each came into force, and drafts; immutable."""

    async def get(self, version: str) -> Rulebook:
        """Read one. Raises NotFound."""
        return await taking_turns(reading(await self._stored(version)))

    async def content_hash(self, version: str) -> str:
        """Hash one without reading it. Raises NotFound."""
        return await taking_turns(hashing(await self._stored(version)))

    async def all(self) -> Sequence[Rulebook]:
        """List them in order of publishing."""
        return [await taking_turns(reading(content)) for (content,) in await self._gathered.reader.far("rulebooks")]

    async def _stored(self, version: str) -> str:
        found = await self._gathered.reader.far("rulebook", (version,))
        if not found:
            raise NotFound("rulebook", version)
        content: str = found[0][0]
        return content

    def add(self, rulebook: Rulebook, *, at: datetime) -> None:
        """Gather the publication."""
        self._gathered.write("rulebook_add", (rulebook.version, rulebook_to_json(rulebook), instant(at)))

    async def publications(self, *, after: int = 0) -> Sequence[Publication]:
        """List them in order, from just behind that number."""
        return [publication_from(row) for row in await self._gathered.reader.all("publications", (after,))]

    def publish(self, publication: Publication) -> None:
        """Gather the publication."""
        self._gathered.write("publication_add", publication_row(publication))

    async def draft(self, draft_id: str) -> Draft:
        """Read a draft. Raises NotFound."""
        row = await self._gathered.reader.first("draft", (draft_id,))
        if row is None:
            raise NotFound("draft of a rulebook", draft_id)
        return draft_from(row)

    def add_draft(self, draft: Draft) -> None:
        """Gather the draft."""
        self._gathered.write("draft_add", draft_row(draft))


class RelationalInbox(_Register):
    """Verified webhooks, each stored once."""

    async def get(self, provider: str, event_id: str) -> InboxMessage:
        """Read one. Raises NotFound."""
        row = await self._gathered.reader.first("inbox", (provider, event_id))
        if row is None:
            raise NotFound("webhook", f"{provider}/{event_id}")
        return rows.message_from(row)

    def add(self, message: InboxMessage) -> None:
        """Gather the message."""
        self._gathered.write("inbox_add", rows.message_row(message))


class RelationalApiKeys(_Register):
    """API keys by hash."""

    async def by_hash(self, key_hash: str) -> ApiKey | None:
        """Read one; None when nobody has it."""
        row = await self._gathered.reader.first("key_by_hash", (key_hash,))
        return None if row is None else rows.key_from(row)

    async def all(self) -> Sequence[ApiKey]:
        """List them, oldest first."""
        return [rows.key_from(row) for row in await self._gathered.reader.all("keys")]

    def add(self, key: ApiKey) -> None:
        """Gather the key."""
        self._gathered.write("key_add", rows.key_row(key))

    async def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        """Gather the revocation. Raises NotFound."""
        if await self._gathered.reader.first("key", (key_id,)) is None:
            raise NotFound("API key", key_id)
        self._gathered.write("key_revoke", (instant(at), key_id))


class RelationalReplays(_Register):
    """Answers kept for idempotency keys."""

    async def get(self, scope: str, key: str) -> Replay | None:
        """Read one; None when the key is new."""
        row = await self._gathered.reader.first("replay", (scope, key))
        return None if row is None else rows.replay_from(row)

    def add(self, replay: Replay) -> None:
        """Gather the answer."""
        self._gathered.write("replay_add", rows.replay_row(replay))

    def prune(self, *, created_before: datetime) -> None:
        """Gather the forgetting of older ones."""
        self._gathered.write("replay_prune", (instant(created_before),))
