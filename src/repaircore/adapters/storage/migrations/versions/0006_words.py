"""Lists that cost the same on every page, and words that bookings are found by."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from msgspec.json import decode
from sqlalchemy.dialects.postgresql import TEXT, TIMESTAMP

from repaircore.adapters.storage.searching import as_text, words_of

revision = "0006"
down_revision = "0005"

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
AT_A_TIME = 1000


def upgrade() -> None:
    """Create the table and fill it, in the order of its key as far as one batch goes; renew the indexes."""
    op.create_table(
        "booking_words",
        sa.Column("word", CHARACTERS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("booking_id", CHARACTERS, nullable=False),
        sa.PrimaryKeyConstraint("word", "created_at", "booking_id", name=op.f("pk_booking_words")),
        sqlite_with_rowid=False,
    )
    _fill()
    for column in ("customer_email", "customer_phone", "customer_key"):
        op.drop_index(op.f(f"ix_bookings_{column}"), "bookings")
    for column in ("customer_phone", "customer_key"):
        op.create_index(op.f(f"ix_bookings_{column}_created_at_id"), "bookings", [column, "created_at", "id"])
    assigned = sa.text("technician_id <> ''")
    op.create_index(
        op.f("ix_bookings_technician_id_status_created_at_id"),
        "bookings",
        ["technician_id", "status", "created_at", "id"],
        sqlite_where=assigned,
        postgresql_where=assigned,
    )
    for column in ("device", "service"):
        op.create_index(op.f(f"ix_price_changes_{column}_position"), "price_changes", [column, "position"])


def _fill() -> None:
    connection = op.get_bind()
    for batch in _bookings(connection):
        words = {id: words_of(name, decode(device)["name"]) for id, _, name, device in batch}
        rows = [{"word": word, "at": at, "id": id} for id, at, *_ in batch for word in words[id]]
        texts = [{"id": id, "search": as_text(each)} for id, each in words.items()]
        connection.execute(sa.text("UPDATE bookings SET search = :search WHERE id = :id"), texts)
        if rows:
            connection.execute(sa.text("INSERT INTO booking_words VALUES (:word, :at, :id)"), rows)


def _bookings(connection: sa.Connection) -> Iterator[list[Any]]:
    device = "device::text" if connection.dialect.name == "postgresql" else "device"
    page = sa.text(
        f"SELECT id, created_at, customer_name, {device} FROM bookings WHERE id > :last ORDER BY id LIMIT {AT_A_TIME}"
    )
    last = ""
    while batch := list(connection.execute(page, {"last": last})):
        yield batch
        last = batch[-1][0]
