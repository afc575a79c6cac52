"""Storage: repositories to read from, and a unit of work that gathers writes and commits them together.

Reads see what is committed. Writes (`add`, `save`, `record`, `enqueue`, …) are gathered and sent in one transaction at
`commit`, each guarded by its aggregate's version: `save` expects the stored version to be exactly one less. So a committer
may put several units into one transaction. Leaving without `commit` discards them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from attrs import frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.catalog.history import PriceChange
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueVersion
from repaircore.domain.events import Event
from repaircore.domain.identity import BookingId, KeyId, PaymentId, QuoteId
from repaircore.domain.ledger.ledger import Entry
from repaircore.domain.payments.payment import Payment
from repaircore.domain.pricing.loyalty import PastOrders
from repaircore.domain.pricing.market import DatedSnapshot
from repaircore.domain.pricing.promotions import KnownAgain, Promotion, PromotionUse
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.jobs import NewJob


@frozen
class Position:
    """Where a page ended: the sort value and the id of its last row."""

    at: datetime
    id: str


@frozen(kw_only=True)
class BookingFilter:
    """Which bookings. Times bound `created_at`. `text` is a whole reference, e-mail address or phone number, or else words of the
    customer's and the device's name without capitals and accents: all must be there, the last one may be cut short."""

    status: Status | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    technician_id: str = ""
    text: str = ""


@frozen(kw_only=True)
class RecordedEvent:
    """An event as the stream holds it. `sequence` counts 1, 2, 3 … within one aggregate; `position` orders all of them."""

    position: int
    sequence: int
    name: str
    aggregate_id: str
    at: datetime
    by: Actor
    data: Mapping[str, Any]


@frozen(kw_only=True)
class InboxMessage:
    """A webhook as it came, verified: unique by provider and event id."""

    provider: str
    event_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@frozen(kw_only=True)
class ApiKey:
    """A key for a program or a member of staff. Only a hash of it is stored."""

    id: KeyId
    role: Role
    key_hash: str
    created_at: datetime
    revoked_at: datetime | None = None
    label: str = ""


@frozen(kw_only=True)
class Replay:
    """The answer once given to an idempotency key. `scope` is who asked and what for; `fingerprint` is of the request's body."""

    scope: str
    key: str
    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    created_at: datetime


class Quotes(Protocol):
    """Quotes by id."""

    async def get(self, quote_id: QuoteId) -> Quote:
        """Read one. Raises NotFound."""
        ...

    async def after(self, position: str, *, limit: int, newest_first: bool = False) -> Sequence[Quote]:
        """List quotes by id, which is the order of asking, from just behind that id; an empty one is the beginning."""
        ...

    def add(self, quote: Quote) -> None: ...

    def save(self, quote: Quote) -> None:
        """Gather the change of a quote. Its facts and its price are as they were added, whatever is given."""
        ...


class Bookings(Protocol):
    """Bookings by id, with their history."""

    async def get(self, booking_id: BookingId) -> Booking:
        """Read one. Raises NotFound."""
        ...

    async def find(
        self, wanted: BookingFilter, *, limit: int, after: Position | None = None, newest_first: bool = True
    ) -> Sequence[Booking]:
        """List by `created_at` and id, from just behind `after`."""
        ...

    async def history(self, booking_id: BookingId) -> Sequence[HistoryEntry]:
        """List every move, oldest first."""
        ...

    async def of_customer(self, email: str, phone: str) -> Sequence[PastOrders]:
        """Count what was ordered with that e-mail, in capitals or not, or that E.164 phone, in any number of parts."""
        ...

    async def count_by_status(self) -> Mapping[Status, int]:
        """Count the bookings in each status that any is in."""
        ...

    def add(self, booking: Booking, first: HistoryEntry) -> None:
        """Insert; `commit` raises AlreadyExists("booking.reference") when the reference is taken."""
        ...

    def save(self, booking: Booking, *moves: HistoryEntry) -> None: ...


class Payments(Protocol):
    """Payments by id."""

    async def get(self, payment_id: PaymentId) -> Payment:
        """Read one. Raises NotFound."""
        ...

    async def of_booking(self, booking_id: BookingId) -> Sequence[Payment]:
        """List a booking's payments, oldest first."""
        ...

    async def open(self, *, created_before: datetime, limit: int, after: Position | None = None) -> Sequence[Payment]:
        """List payments still open that were created before then, by `created_at` and id, oldest first, from just behind `after`:
        what reconciliation looks up."""
        ...

    def add(self, payment: Payment) -> None:
        """Insert; `commit` raises AlreadyExists("payment.open") when the booking has an open payment for that purpose."""
        ...

    def save(self, payment: Payment) -> None: ...


class Ledger(Protocol):
    """The double-entry ledger; append-only."""

    async def of_booking(self, booking_id: BookingId) -> Sequence[Entry]:
        """List a booking's entries in the order of posting."""
        ...

    async def balances(self) -> Mapping[tuple[str, str], int]:
        """Sum every (account, currency), in minor units."""
        ...

    def post(self, entry: Entry) -> None:
        """Append; `commit` raises AlreadyExists("ledger.key") when the fact is already posted."""
        ...


class Events(Protocol):
    """The event streams; append-only."""

    async def of_aggregate(self, aggregate_id: str) -> Sequence[RecordedEvent]:
        """List one stream in order."""
        ...

    async def after(self, position: int, *, limit: int) -> Sequence[RecordedEvent]:
        """List all streams in order of commit."""
        ...


class Rulebooks(Protocol):
    """Published rulebooks, when each came into force, and drafts; immutable."""

    async def get(self, version: str) -> Rulebook:
        """Read one. Raises NotFound."""
        ...

    async def content_hash(self, version: str) -> str:
        """Answer the hash of one's content, as `content_hash` does; where it is stored, that takes far less. Raises NotFound."""
        ...

    async def all(self) -> Sequence[Rulebook]:
        """List them in order of publishing."""
        ...

    def add(self, rulebook: Rulebook, *, at: datetime) -> None:
        """Keep the content; `commit` raises AlreadyExists("rulebook.version") when the version is taken."""
        ...

    async def publications(self, *, after: int = 0) -> Sequence[Publication]:
        """List them in order, from just behind that number."""
        ...

    def publish(self, publication: Publication) -> None:
        """Append; `commit` raises AlreadyExists("rulebook.publication") when somebody else took the number."""
        ...

    async def draft(self, draft_id: str) -> Draft:
        """Read a draft. Raises NotFound."""
        ...

    def add_draft(self, draft: Draft) -> None:
        """Keep a draft; `commit` raises AlreadyExists("rulebook.draft") when it is there already."""
        ...


@frozen(kw_only=True)
class PriceFilter:
    """Which changes of prices; an empty field fits all."""

    device: str = ""
    service: str = ""
    subject: str = ""
    batch: str = ""

    def fits(self, change: PriceChange) -> bool:
        """Whether the change is one of them."""
        wishes = ((self.device, change.device), (self.service, change.service), (self.subject, change.subject))
        return all(wish in ("", said) for wish, said in (*wishes, (self.batch, change.batch)))


@frozen(kw_only=True)
class RecordedPrice:
    """A change of a price as the history holds it. `position` orders all of them."""

    position: int
    change: PriceChange


class Catalogues(Protocol):
    """Versions and drafts of the catalogue, what is in them, and every change of a price; nothing is ever changed."""

    async def versions(self, *, after: int = 0) -> Sequence[CatalogueVersion]:
        """List them in order, from just behind that number."""
        ...

    async def content(self, content_hash: str) -> str:
        """Read what was kept. Raises NotFound."""
        ...

    async def draft(self, draft_id: str) -> CatalogueDraft:
        """Read a draft. Raises NotFound."""
        ...

    async def drafts(self, *, limit: int) -> Sequence[CatalogueDraft]:
        """List them, the newest first."""
        ...

    def keep(self, content_hash: str, content: str) -> None:
        """Keep a content by its hash; the same one again changes nothing."""
        ...

    def publish(self, version: CatalogueVersion) -> None:
        """Append; `commit` raises AlreadyExists("catalogue.version") when somebody else took the number."""
        ...

    def add_draft(self, draft: CatalogueDraft) -> None:
        """Keep a draft; `commit` raises AlreadyExists("catalogue.draft") when its id is taken."""
        ...

    def record_price(self, change: PriceChange) -> None:
        """Append to the history of prices."""
        ...

    async def prices(self, wanted: PriceFilter, *, limit: int, before: int | None = None) -> Sequence[RecordedPrice]:
        """List changes of prices, the newest first, from just behind that position."""
        ...


class MarketSnapshots(Protocol):
    """Dated snapshots of the market; append-only."""

    async def get(self, snapshot_id: str) -> DatedSnapshot:
        """Read one. Raises NotFound."""
        ...

    async def newest(self, *, since: datetime, until: datetime, measured_by_core: bool = True) -> DatedSnapshot | None:
        """Read the newest that was taken from `since` until `until`, both inclusive; the core's own ones perhaps left out."""
        ...

    async def find(self, *, limit: int, after: Position | None = None) -> Sequence[DatedSnapshot]:
        """List by `at` and id, newest first, from just behind `after`."""
        ...

    def add(self, snapshot: DatedSnapshot) -> None: ...


class PromotionUses(Protocol):
    """Uses of promotion codes: one for each booking that was made with one."""

    async def count(self, code: str, customer: KnownAgain | None = None) -> int:
        """Count the uses, all of them or those of a customer known again by e-mail or phone."""
        ...

    def use(self, use: PromotionUse, promotion: Promotion) -> None:
        """Count a use; `commit` raises PromotionUnusable when the limits leave none, however many try at once."""
        ...

    def give_back(self, booking_id: BookingId) -> None:
        """Gather the forgetting of a booking's uses."""
        ...


class Inbox(Protocol):
    """Verified webhooks, each stored once."""

    async def get(self, provider: str, event_id: str) -> InboxMessage:
        """Read one. Raises NotFound."""
        ...

    def add(self, message: InboxMessage) -> None:
        """Store; `commit` raises AlreadyExists("inbox.event") for a duplicate."""
        ...


class ApiKeys(Protocol):
    """API keys by hash."""

    async def by_hash(self, key_hash: str) -> ApiKey | None: ...

    async def all(self) -> Sequence[ApiKey]: ...

    def add(self, key: ApiKey) -> None: ...

    async def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        """Gather the revocation. Raises NotFound."""
        ...


class Replays(Protocol):
    """Answers kept for idempotency keys."""

    async def get(self, scope: str, key: str) -> Replay | None: ...

    def add(self, replay: Replay) -> None:
        """Store; `commit` raises AlreadyExists("idempotency.key") when a faster request of the same key committed."""
        ...

    def prune(self, *, created_before: datetime) -> None:
        """Gather the forgetting of older ones."""
        ...


class UnitOfWork(Protocol):
    """One transaction's worth of reading and gathered writing."""

    @property
    def quotes(self) -> Quotes: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def payments(self) -> Payments: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def events(self) -> Events: ...
    @property
    def rulebooks(self) -> Rulebooks: ...
    @property
    def market(self) -> MarketSnapshots: ...
    @property
    def promotions(self) -> PromotionUses: ...
    @property
    def catalogues(self) -> Catalogues: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def replays(self) -> Replays: ...

    def record(self, *events: Event) -> None:
        """Append events to their streams, and enqueue a job for each subscriber of each."""
        ...

    def enqueue(self, *jobs: NewJob) -> None:
        """Enqueue work in the same transaction."""
        ...

    async def commit(self, *, now: bool = False) -> None:
        """Send everything gathered, all or nothing; the unit is empty afterwards. Raises Conflict (a version moved on) or
        AlreadyExists. A unit inside a wider transaction leaves sending to it, unless `now`: somebody outside is about to be
        told, so the intent must be on record first.
        """
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class UnitOfWorkFactory(Protocol):
    """Opens units of work."""

    def __call__(self) -> UnitOfWork: ...


Subscriptions = Callable[[Event], Sequence[NewJob]]
"""Says which jobs an event causes: one for each subscriber."""


class Storage(Protocol):
    """A database as a whole."""

    def unit_of_work(self) -> UnitOfWork:
        """Open a unit of work."""
        ...

    async def health(self) -> None:
        """Answer when the database can be read and its migrations are at head. Raises Unavailable saying what is wrong."""
        ...

    async def aclose(self) -> None:
        """Finish what is being committed, then close."""
        ...
