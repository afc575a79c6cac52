"""The list by technician and status has an index that no other list is served by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Renew the index."""
    op.drop_index(op.f("ix_bookings_technician_id_status_created_at_id"), "bookings")
    always = sa.text("status <> ''")
    op.create_index(
        op.f("ix_bookings_technician_id_status_created_at_id"),
        "bookings",
        ["technician_id", "status", "created_at", "id"],
        sqlite_where=always,
        postgresql_where=always,
    )
