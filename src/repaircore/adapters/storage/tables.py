"""Every table, once, for every database.

Whatever is searched or constrained has a column; what only travels with its row is JSON. Aggregates refer to each other by
id without a foreign key, so that the order of writes in a unit of work does not matter; parts belong to theirs by one.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
)
from sqlalchemy import text as sql

from repaircore.adapters.storage.columns import (
    Characters,
    Counter,
    Instant,
    json,
    minor_units,
    moment,
    moment_or_none,
    never_negative,
    number,
    one_of,
    text,
)
from repaircore.domain.actors import Role
from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.catalog.history import PriceKind
from repaircore.domain.catalog.versions import CatalogueSource
from repaircore.domain.payments.payment import PaymentStatus, Purpose
from repaircore.domain.pricing.market import Source
from repaircore.domain.pricing.quote import QuoteStatus
from repaircore.ports.jobs import JobState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

quotes = Table(
    "quotes",
    metadata,
    text("id", primary_key=True),
    text("status"),
    json("facts"),
    json("priced"),
    text("rulebook_version"),
    text("engine_version"),
    text("receipt_hash"),
    moment("created_at"),
    moment("valid_until"),
    Column("booking_id", Characters),
    moment_or_none("accepted_at"),
    number("version"),
    one_of("status", QuoteStatus),
)

bookings = Table(
    "bookings",
    metadata,
    text("id", primary_key=True),
    text("reference", unique=True),
    text("profile"),
    text("status"),
    text("quote_id"),
    text("receipt_hash"),
    text("currency"),
    minor_units("total"),
    minor_units("deposit"),
    minor_units("paid"),
    json("priced"),
    json("device"),
    text("customer_name"),
    text("customer_email"),
    text("customer_phone"),
    text("fulfilment"),
    json("address", nullable=True),
    text("issue_description"),
    text("notes"),
    moment_or_none("slot_start"),
    text("technician_id"),
    text("search"),
    text("customer_key", server_default=sql("''")),
    moment("created_at"),
    moment("updated_at"),
    number("version"),
    one_of("status", Status),
    one_of("fulfilment", Fulfilment),
    never_negative("total", "deposit", "paid"),
    Index(None, "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "customer_phone", "created_at", "id"),
    Index(None, "customer_key", "created_at", "id"),
)
# Each serves those lists alone that say its condition: nobody sorts all bookings of a technician to show those of a status.
for and_status, condition in (((), "technician_id <> ''"), ((bookings.c.status,), "status <> ''")):
    Index(
        None,
        bookings.c.technician_id,
        *and_status,
        bookings.c.created_at,
        bookings.c.id,
        sqlite_where=sql(condition),
        postgresql_where=sql(condition),
    )

# What bookings are found by, in the order of their lists: one word is a walk along its key.
booking_words = Table(
    "booking_words",
    metadata,
    text("word", primary_key=True),
    Column("created_at", Instant, primary_key=True),
    text("booking_id", primary_key=True),
    sqlite_with_rowid=False,
)

booking_history = Table(
    "booking_history",
    metadata,
    text("booking_id", primary_key=True),
    Column("version", Counter, primary_key=True, autoincrement=False),
    text("action"),
    text("from_status"),
    text("to_status"),
    text("actor_role"),
    text("actor_id"),
    text("reason"),
    moment("at"),
    one_of("actor_role", Role),
    sqlite_with_rowid=False,
)

payments = Table(
    "payments",
    metadata,
    text("id", primary_key=True),
    text("booking_id"),
    text("purpose"),
    text("currency"),
    minor_units("amount"),
    text("provider"),
    text("status"),
    Column("open", Boolean, nullable=False),
    moment("created_at"),
    text("return_url"),
    json("facts"),
    text("provider_reference"),
    json("next_action"),
    number("version"),
    one_of("purpose", Purpose),
    one_of("status", PaymentStatus),
    never_negative("amount"),
    Index(None, "booking_id", "created_at", "id"),
)
Index(
    "uq_payments_open",
    payments.c.booking_id,
    payments.c.purpose,
    unique=True,
    sqlite_where=sql("open = 1"),
    postgresql_where=sql("open"),
)
Index(
    "ix_payments_open",
    payments.c.created_at,
    payments.c.id,
    sqlite_where=sql("open = 1"),
    postgresql_where=sql("open"),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("position", Counter, primary_key=True),
    text("id", unique=True),
    text("key", unique=True),
    text("booking_id", index=True),
    text("memo"),
    moment("at"),
)

ledger_postings = Table(
    "ledger_postings",
    metadata,
    Column("entry_id", Characters, ForeignKey("ledger_entries.id"), primary_key=True),
    Column("number", Counter, primary_key=True, autoincrement=False),
    text("account"),
    text("currency"),
    minor_units("amount"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("position", Counter, primary_key=True),
    text("aggregate_id"),
    number("sequence"),
    text("name"),
    moment("at"),
    text("actor_role"),
    text("actor_id"),
    json("data"),
    one_of("actor_role", Role),
    Index("uq_events_sequence", "aggregate_id", "sequence", unique=True),
)

rulebooks = Table(
    "rulebooks",
    metadata,
    Column("position", Counter, primary_key=True),
    text("version", unique=True),
    text("content"),
    moment("published_at"),
)

rulebook_publications = Table(
    "rulebook_publications",
    metadata,
    Column("number", Counter, primary_key=True, autoincrement=False),
    text("version"),
    moment("effective_from"),
    moment("published_at"),
    text("approver"),
    text("note"),
    text("rolls_back"),
)

rulebook_drafts = Table(
    "rulebook_drafts",
    metadata,
    text("id", primary_key=True),
    text("content"),
    moment("uploaded_at"),
    text("uploaded_by"),
)

catalogue_contents = Table(
    "catalogue_contents",
    metadata,
    text("hash", primary_key=True),
    text("content"),
    sqlite_with_rowid=False,
)

catalogue_versions = Table(
    "catalogue_versions",
    metadata,
    Column("number", Counter, primary_key=True, autoincrement=False),
    text("source"),
    text("content_hash"),
    moment("effective_from"),
    moment("published_at"),
    text("actor_role"),
    text("actor_id"),
    text("reason"),
    text("batch"),
    number("rolls_back"),
    one_of("source", CatalogueSource),
    one_of("actor_role", Role),
)

catalogue_drafts = Table(
    "catalogue_drafts",
    metadata,
    text("id", primary_key=True),
    number("base"),
    text("source"),
    text("content_hash"),
    moment("drafted_at"),
    text("actor_role"),
    text("actor_id"),
    text("reason"),
    text("batch"),
    one_of("source", CatalogueSource),
    one_of("actor_role", Role),
    Index(None, "drafted_at", "id"),
)

price_changes = Table(
    "price_changes",
    metadata,
    Column("position", Counter, primary_key=True),
    text("kind"),
    text("subject"),
    text("device"),
    text("service"),
    text("grade"),
    text("currency"),
    Column("was", BigInteger),
    Column("became", BigInteger),
    text("version"),
    moment("at"),
    text("actor_role"),
    text("actor_id"),
    text("reason"),
    text("batch"),
    one_of("kind", PriceKind),
    one_of("actor_role", Role),
    Index(None, "subject", "position"),
    Index(None, "device", "service", "position"),
    Index(None, "device", "position"),
    Index(None, "service", "position"),
    Index(None, "batch", "position"),
)

market_snapshots = Table(
    "market_snapshots",
    metadata,
    text("id", primary_key=True),
    moment("at"),
    json("figures"),
    text("source"),
    text("actor_role"),
    text("actor_id"),
    text("note"),
    one_of("source", Source),
    one_of("actor_role", Role),
    Index(None, "at", "id"),
)

promotion_uses = Table(
    "promotion_uses",
    metadata,
    text("code", primary_key=True),
    text("booking_id", primary_key=True, index=True),
    text("customer_email"),
    text("customer_phone"),
    moment("at"),
    Index(None, "code", "customer_email"),
    Index(None, "code", "customer_phone"),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    metadata,
    Column("position", Counter, primary_key=True),
    text("provider"),
    text("event_id"),
    json("headers"),
    Column("body", LargeBinary, nullable=False),
    moment("received_at"),
    Index("uq_inbox_event", "provider", "event_id", unique=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    text("id", primary_key=True),
    text("role"),
    text("key_hash", unique=True),
    text("label"),
    moment("created_at"),
    moment_or_none("revoked_at"),
    one_of("role", Role),
)

replays = Table(
    "replays",
    metadata,
    text("scope", primary_key=True),
    text("key", primary_key=True),
    text("fingerprint"),
    number("status"),
    json("headers"),
    Column("body", LargeBinary, nullable=False),
    moment("created_at"),
    Index(None, "created_at"),
)

# `due_at` is when somebody may take the job: its time, or the end of its lease. It is NULL for a job that is finished, dead,
# or behind another one of its ordering key; so the due jobs are one short walk along one index.
jobs = Table(
    "jobs",
    metadata,
    Column("position", Counter, primary_key=True),
    text("name"),
    json("payload"),
    text("state"),
    moment("run_at"),
    moment_or_none("due_at"),
    number("attempts"),
    number("lease"),
    text("ordering_key"),
    text("unique_key"),
    text("last_error"),
    moment("created_at"),
    moment_or_none("finished_at"),
    one_of("state", JobState),
    CheckConstraint("due_at IS NULL OR state IN ('queued', 'leased')", name="due"),
    sqlite_autoincrement=True,
)
for name, columns, where, unique in (
    ("ix_jobs_due", (jobs.c.due_at, jobs.c.position), "due_at IS NOT NULL", False),
    ("ix_jobs_order", (jobs.c.ordering_key, jobs.c.position), "ordering_key <> '' AND finished_at IS NULL", False),
    ("ix_jobs_finished", (jobs.c.finished_at,), "finished_at IS NOT NULL", False),
    ("uq_jobs_unique_key", (jobs.c.unique_key,), "unique_key <> ''", True),
):
    Index(name, *columns, unique=unique, sqlite_where=sql(where), postgresql_where=sql(where))
