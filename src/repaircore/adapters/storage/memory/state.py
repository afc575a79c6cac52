"""What the twin holds, and the journal by which a unit that fails leaves no trace."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import define, field, frozen

from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.catalog.history import PriceChange
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueVersion
from repaircore.domain.ledger.ledger import Entry
from repaircore.domain.payments.payment import Payment
from repaircore.domain.pricing.market import DatedSnapshot
from repaircore.domain.pricing.promotions import PromotionUse
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.errors import AlreadyExists, Conflict
from repaircore.ports.jobs import Job
from repaircore.ports.unit_of_work import ApiKey, InboxMessage, RecordedEvent, Replay

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Aggregate = TypeVar("Aggregate", Quote, Booking, Payment)


@frozen
class Held:
    """A job, and what the queue knows of it beyond what it tells. `due_at` is None for one that nobody may take."""

    job: Job
    due_at: datetime | None
    unique_key: str = ""
    finished_at: datetime | None = None


@define
class State:
    """Everything stored, by key. Only `put` and `drop` change it, so that every change can be undone."""

    quotes: dict[str, Quote] = field(factory=dict)
    bookings: dict[str, Booking] = field(factory=dict)
    references: dict[str, str] = field(factory=dict)
    history: dict[tuple[str, int], HistoryEntry] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    open_payments: dict[tuple[str, str], str] = field(factory=dict)
    entries: dict[str, Entry] = field(factory=dict)
    events: dict[int, RecordedEvent] = field(factory=dict)
    sequences: dict[str, int] = field(factory=dict)
    rulebooks: dict[str, Rulebook] = field(factory=dict)
    catalogues: dict[str, str] = field(factory=dict)
    catalogue_versions: dict[int, CatalogueVersion] = field(factory=dict)
    catalogue_drafts: dict[str, CatalogueDraft] = field(factory=dict)
    price_changes: dict[int, PriceChange] = field(factory=dict)
    publications: dict[int, Publication] = field(factory=dict)
    drafts: dict[str, Draft] = field(factory=dict)
    market: dict[str, DatedSnapshot] = field(factory=dict)
    promotion_uses: dict[tuple[str, str], PromotionUse] = field(factory=dict)
    inbox: dict[tuple[str, str], InboxMessage] = field(factory=dict)
    api_keys: dict[str, ApiKey] = field(factory=dict)
    replays: dict[tuple[str, str], Replay] = field(factory=dict)
    jobs: dict[int, Held] = field(factory=dict)
    counters: dict[str, int] = field(factory=dict)
    _journal: list[Callable[[], None]] = field(factory=list)

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Store a value."""
        if key in table:
            before = table[key]
            self._journal.append(lambda: table.__setitem__(key, before))
        else:
            self._journal.append(lambda: table.__delitem__(key))
        table[key] = value

    def drop(self, table: dict[K, V], key: K) -> None:
        """Forget a value, if there is one."""
        if key in table:
            before = table.pop(key)
            self._journal.append(lambda: table.__setitem__(key, before))

    def insert(self, table: dict[K, V], key: K, value: V, constraint: str) -> None:
        """Store a new value. Raises AlreadyExists."""
        if key in table:
            raise AlreadyExists(constraint)
        self.put(table, key, value)

    def replace(self, table: dict[str, Aggregate], value: Aggregate) -> Aggregate:
        """Store the next version of an aggregate; answer the one before. Raises Conflict."""
        before = table.get(value.id)
        if before is None or before.version != value.version - 1:
            raise Conflict("somebody else changed this first: read it again")
        self.put(table, value.id, value)
        return before

    def transact(self, writes: Sequence[Callable[["State"], object]]) -> None:
        """Do all of it, or none."""
        self._journal.clear()
        try:
            for write in writes:
                write(self)
        except BaseException:
            while self._journal:
                self._journal.pop()()
            raise
