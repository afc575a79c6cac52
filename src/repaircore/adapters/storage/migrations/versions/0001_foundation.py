"""Foundation: quotes, bookings, payments, ledger, events, rulebooks, inbox, API keys, kept answers, jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON, TEXT, TIMESTAMP

revision = "0001"
down_revision = None

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
JSON_TEXT = sa.Text().with_variant(JSON(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "api_keys",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("role", CHARACTERS, nullable=False),
        sa.Column("key_hash", CHARACTERS, nullable=False),
        sa.Column("label", CHARACTERS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "role IN ('guest', 'customer', 'technician', 'staff', 'admin', 'system')", name=op.f("ck_api_keys_role")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_table(
        "booking_history",
        sa.Column("booking_id", CHARACTERS, nullable=False),
        sa.Column("version", COUNTER, autoincrement=False, nullable=False),
        sa.Column("action", CHARACTERS, nullable=False),
        sa.Column("from_status", CHARACTERS, nullable=False),
        sa.Column("to_status", CHARACTERS, nullable=False),
        sa.Column("actor_role", CHARACTERS, nullable=False),
        sa.Column("actor_id", CHARACTERS, nullable=False),
        sa.Column("reason", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "actor_role IN ('guest', 'customer', 'technician', 'staff', 'admin', 'system')",
            name=op.f("ck_booking_history_actor_role"),
        ),
        sa.PrimaryKeyConstraint("booking_id", "version", name="pk_booking_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bookings",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("reference", CHARACTERS, nullable=False),
        sa.Column("profile", CHARACTERS, nullable=False),
        sa.Column("status", CHARACTERS, nullable=False),
        sa.Column("quote_id", CHARACTERS, nullable=False),
        sa.Column("receipt_hash", CHARACTERS, nullable=False),
        sa.Column("currency", CHARACTERS, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("deposit", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("priced", JSON_TEXT, nullable=False),
        sa.Column("device", JSON_TEXT, nullable=False),
        sa.Column("customer_name", CHARACTERS, nullable=False),
        sa.Column("customer_email", CHARACTERS, nullable=False),
        sa.Column("customer_phone", CHARACTERS, nullable=False),
        sa.Column("fulfilment", CHARACTERS, nullable=False),
        sa.Column("address", JSON_TEXT, nullable=True),
        sa.Column("issue_description", CHARACTERS, nullable=False),
        sa.Column("notes", CHARACTERS, nullable=False),
        sa.Column("slot_start", INSTANT, nullable=True),
        sa.Column("technician_id", CHARACTERS, nullable=False),
        sa.Column("search", CHARACTERS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fulfilment IN ('in_store', 'postal', 'pickup', 'mobile')", name=op.f("ck_bookings_fulfilment")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'deposit_paid', 'confirmed', 'picked_up', 'in_progress', 'waiting_parts', 'waiting_approval', "
            "'ready_for_pickup', 'out_for_delivery', 'completed', 'cancelled', 'rejected', 'no_show')",
            name=op.f("ck_bookings_status"),
        ),
        sa.CheckConstraint("total >= 0 AND deposit >= 0 AND paid >= 0", name=op.f("ck_bookings_amounts")),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.UniqueConstraint("reference", name="uq_bookings_reference"),
    )
    op.create_index("ix_bookings_created_at_id", "bookings", ["created_at", "id"], unique=False)
    op.create_index("ix_bookings_customer_email", "bookings", ["customer_email"], unique=False)
    op.create_index("ix_bookings_customer_phone", "bookings", ["customer_phone"], unique=False)
    op.create_index("ix_bookings_status_created_at_id", "bookings", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "ix_bookings_technician_id_created_at_id",
        "bookings",
        ["technician_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("technician_id <> ''"),
        postgresql_where=sa.text("technician_id <> ''"),
    )
    op.create_table(
        "events",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("aggregate_id", CHARACTERS, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_role", CHARACTERS, nullable=False),
        sa.Column("actor_id", CHARACTERS, nullable=False),
        sa.Column("data", JSON_TEXT, nullable=False),
        sa.CheckConstraint(
            "actor_role IN ('guest', 'customer', 'technician', 'staff', 'admin', 'system')",
            name=op.f("ck_events_actor_role"),
        ),
        sa.PrimaryKeyConstraint("position", name="pk_events"),
    )
    op.create_index("uq_events_sequence", "events", ["aggregate_id", "sequence"], unique=True)
    op.create_table(
        "inbox",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("provider", CHARACTERS, nullable=False),
        sa.Column("event_id", CHARACTERS, nullable=False),
        sa.Column("headers", JSON_TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_inbox"),
    )
    op.create_index("uq_inbox_event", "inbox", ["provider", "event_id"], unique=True)
    op.create_table(
        "jobs",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("name", CHARACTERS, nullable=False),
        sa.Column("payload", JSON_TEXT, nullable=False),
        sa.Column("state", CHARACTERS, nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("ordering_key", CHARACTERS, nullable=False),
        sa.Column("unique_key", CHARACTERS, nullable=False),
        sa.Column("last_error", CHARACTERS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint("due_at IS NULL OR state IN ('queued', 'leased')", name=op.f("ck_jobs_due")),
        sa.CheckConstraint("state IN ('queued', 'leased', 'done', 'dead')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("position", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["due_at", "position"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_finished",
        "jobs",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_order",
        "jobs",
        ["ordering_key", "position"],
        unique=False,
        sqlite_where=sa.text("ordering_key <> '' AND finished_at IS NULL"),
        postgresql_where=sa.text("ordering_key <> '' AND finished_at IS NULL"),
    )
    op.create_index(
        "uq_jobs_unique_key",
        "jobs",
        ["unique_key"],
        unique=True,
        sqlite_where=sa.text("unique_key <> ''"),
        postgresql_where=sa.text("unique_key <> ''"),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("key", CHARACTERS, nullable=False),
        sa.Column("booking_id", CHARACTERS, nullable=False),
        sa.Column("memo", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_ledger_entries"),
        sa.UniqueConstraint("id", name="uq_ledger_entries_id"),
        sa.UniqueConstraint("key", name="uq_ledger_entries_key"),
    )
    op.create_index("ix_ledger_entries_booking_id", "ledger_entries", ["booking_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("booking_id", CHARACTERS, nullable=False),
        sa.Column("purpose", CHARACTERS, nullable=False),
        sa.Column("currency", CHARACTERS, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("provider", CHARACTERS, nullable=False),
        sa.Column("status", CHARACTERS, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("return_url", CHARACTERS, nullable=False),
        sa.Column("facts", JSON_TEXT, nullable=False),
        sa.Column("provider_reference", CHARACTERS, nullable=False),
        sa.Column("next_action", JSON_TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("purpose IN ('deposit', 'balance', 'fee')", name=op.f("ck_payments_purpose")),
        sa.CheckConstraint(
            "status IN ('pending', 'requires_action', 'authorized', 'succeeded', 'failed', 'cancelled', 'partially_refunded', 'refunded')",
            name=op.f("ck_payments_status"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payments_amounts")),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
    )
    op.create_index(
        "ix_payments_booking_id_created_at_id", "payments", ["booking_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_payments_open",
        "payments",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_index(
        "uq_payments_open",
        "payments",
        ["booking_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "quotes",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("status", CHARACTERS, nullable=False),
        sa.Column("facts", JSON_TEXT, nullable=False),
        sa.Column("priced", JSON_TEXT, nullable=False),
        sa.Column("rulebook_version", CHARACTERS, nullable=False),
        sa.Column("engine_version", CHARACTERS, nullable=False),
        sa.Column("receipt_hash", CHARACTERS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("booking_id", CHARACTERS, nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'accepted', 'booked', 'expired')", name=op.f("ck_quotes_status")),
        sa.PrimaryKeyConstraint("id", name="pk_quotes"),
    )
    op.create_table(
        "replays",
        sa.Column("scope", CHARACTERS, nullable=False),
        sa.Column("key", CHARACTERS, nullable=False),
        sa.Column("fingerprint", CHARACTERS, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSON_TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_replays"),
    )
    op.create_index("ix_replays_created_at", "replays", ["created_at"], unique=False)
    op.create_table(
        "rulebooks",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("version", CHARACTERS, nullable=False),
        sa.Column("content", CHARACTERS, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_rulebooks"),
        sa.UniqueConstraint("version", name="uq_rulebooks_version"),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("entry_id", CHARACTERS, nullable=False),
        sa.Column("number", COUNTER, autoincrement=False, nullable=False),
        sa.Column("account", CHARACTERS, nullable=False),
        sa.Column("currency", CHARACTERS, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entries.id"], name="fk_ledger_postings_ledger_entries"),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_ledger_postings"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "ledger_postings",
        "rulebooks",
        "replays",
        "quotes",
        "payments",
        "ledger_entries",
        "jobs",
        "inbox",
        "events",
        "bookings",
        "booking_history",
        "api_keys",
    ):
        op.drop_table(table)
