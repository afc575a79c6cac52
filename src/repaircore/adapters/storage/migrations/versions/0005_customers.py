"""Bookings know their customer again, whatever the capitals of the e-mail address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0005"
down_revision = "0004"

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the key, fill it from the addresses there are, and index it."""
    op.add_column("bookings", sa.Column("customer_key", CHARACTERS, server_default=sa.text("''"), nullable=False))
    op.execute("UPDATE bookings SET customer_key = lower(customer_email)")
    op.create_index(op.f("ix_bookings_customer_key"), "bookings", ["customer_key"])
