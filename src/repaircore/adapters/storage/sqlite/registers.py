"""Event streams, rulebooks, the inbox, API keys and kept answers on SQLite."""

from collections.abc import Sequence
from datetime import datetime

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.encoding import instant
from repaircore.adapters.storage.publications import draft_from, draft_row, publication_from, publication_row
from repaircore.adapters.storage.rulebooks import hashing, reading
from repaircore.adapters.storage.sqlite.gathering import Gathered
from repaircore.adapters.storage.sqlite.sql import SQL
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


class SqliteEvents(_Register):
    """The event streams; append-only."""

    async def of_aggregate(self, aggregate_id: str) -> Sequence[RecordedEvent]:
        """List one stream in order."""
        return [rows.event_from(row) for row in self._gathered.reader.all(SQL["events_of"], (aggregate_id,))]

    async def after(self, position: int, *, limit: int) -> Sequence[RecordedEvent]:
        """List all streams in order of commit."""
        return [rows.event_from(row) for row in self._gathered.reader.all(SQL["events_after"], (position, limit))]


class SqliteRulebooks(_Register):
    """Published rulebooks, when each came into force, and drafts; immutable."""

    async def get(self, version: str) -> Rulebook:
        """Read one. Raises NotFound."""
        return await taking_turns(reading(await self._stored(version)))

    async def content_hash(self, version: str) -> str:
        """Hash one without reading it. Raises NotFound."""
        return await taking_turns(hashing(await self._stored(version)))

    async def all(self) -> Sequence[Rulebook]:
        """List them in order of publishing."""
        stored = await self._gathered.reader.far(SQL["rulebooks"])
        return [await taking_turns(reading(content)) for (content,) in stored]

    async def _stored(self, version: str) -> str:
        rows = await self._gathered.reader.far(SQL["rulebook"], (version,))
        if not rows:
            raise NotFound("rulebook", version)
        content: str = rows[0][0]
        return content

    def add(self, rulebook: Rulebook, *, at: datetime) -> None:
        """Gather the publication."""
        self._gathered.write(SQL["rulebook_add"], (rulebook.version, rulebook_to_json(rulebook), instant(at)))

    async def publications(self, *, after: int = 0) -> Sequence[Publication]:
        """List them in order, from just behind that number."""
        return [publication_from(row) for row in self._gathered.reader.all(SQL["publications"], (after,))]

    def publish(self, publication: Publication) -> None:
        """Gather the publication."""
        self._gathered.write(SQL["publication_add"], publication_row(publication))

    async def draft(self, draft_id: str) -> Draft:
        """Read a draft. Raises NotFound."""
        row = self._gathered.reader.first(SQL["draft"], (draft_id,))
        if row is None:
            raise NotFound("draft of a rulebook", draft_id)
        return draft_from(row)

    def add_draft(self, draft: Draft) -> None:
        """Gather the draft."""
        self._gathered.write(SQL["draft_add"], draft_row(draft))


class SqliteInbox(_Register):
    """Verified webhooks, each stored once."""

    async def get(self, provider: str, event_id: str) -> InboxMessage:
        """Read one. Raises NotFound."""
        row = self._gathered.reader.first(SQL["inbox"], (provider, event_id))
        if row is None:
            raise NotFound("webhook", f"{provider}/{event_id}")
        return rows.message_from(row)

    def add(self, message: InboxMessage) -> None:
        """Gather the message."""
        self._gathered.write(SQL["inbox_add"], rows.message_row(message))


class SqliteApiKeys(_Register):
    """API keys by hash."""

    async def by_hash(self, key_hash: str) -> ApiKey | None:
        """Read one; None when nobody has it."""
        row = self._gathered.reader.first(SQL["key_by_hash"], (key_hash,))
        return None if row is None else rows.key_from(row)

    async def all(self) -> Sequence[ApiKey]:
        """List them, oldest first."""
        return [rows.key_from(row) for row in self._gathered.reader.all(SQL["keys"])]

    def add(self, key: ApiKey) -> None:
        """Gather the key."""
        self._gathered.write(SQL["key_add"], rows.key_row(key))

    async def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        """Gather the revocation. Raises NotFound."""
        if self._gathered.reader.first(SQL["key"], (key_id,)) is None:
            raise NotFound("API key", key_id)
        self._gathered.write(SQL["key_revoke"], (instant(at), key_id))


class SqliteReplays(_Register):
    """Answers kept for idempotency keys."""

    async def get(self, scope: str, key: str) -> Replay | None:
        """Read one; None when the key is new."""
        row = self._gathered.reader.first(SQL["replay"], (scope, key))
        return None if row is None else rows.replay_from(row)

    def add(self, replay: Replay) -> None:
        """Gather the answer."""
        self._gathered.write(SQL["replay_add"], rows.replay_row(replay))

    def prune(self, *, created_before: datetime) -> None:
        """Gather the forgetting of older ones."""
        self._gathered.write(SQL["replay_prune"], (instant(created_before),))
