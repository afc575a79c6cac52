"""Market snapshots, and uses of promotion codes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON, TEXT, TIMESTAMP

revision = "0003"
down_revision = "0002"

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
JSON_TEXT = sa.Text().with_variant(JSON(), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "market_snapshots",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("figures", JSON_TEXT, nullable=False),
        sa.Column("source", CHARACTERS, nullable=False),
        sa.Column("actor_role", CHARACTERS, nullable=False),
        sa.Column("actor_id", CHARACTERS, nullable=False),
        sa.Column("note", CHARACTERS, nullable=False),
        sa.CheckConstraint("source IN ('api', 'file', 'core')", name=op.f("ck_market_snapshots_source")),
        sa.CheckConstraint(
            "actor_role IN ('guest', 'customer', 'technician', 'staff', 'admin', 'system')",
            name=op.f("ck_market_snapshots_actor_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_snapshots")),
    )
    op.create_index(op.f("ix_market_snapshots_at_id"), "market_snapshots", ["at", "id"])
    op.create_table(
        "promotion_uses",
        sa.Column("code", CHARACTERS, nullable=False),
        sa.Column("booking_id", CHARACTERS, nullable=False),
        sa.Column("customer_email", CHARACTERS, nullable=False),
        sa.Column("customer_phone", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("code", "booking_id", name=op.f("pk_promotion_uses")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_promotion_uses_booking_id"), "promotion_uses", ["booking_id"])
    op.create_index(op.f("ix_promotion_uses_code_customer_email"), "promotion_uses", ["code", "customer_email"])
    op.create_index(op.f("ix_promotion_uses_code_customer_phone"), "promotion_uses", ["code", "customer_phone"])
