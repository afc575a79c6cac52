"""Versions and drafts of the catalogue, and changes of prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT, TIMESTAMP

revision = "0004"
down_revision = "0003"

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOURCES = "source IN ('files', 'import', 'supplier', 'rollback')"
ROLES = "actor_role IN ('guest', 'customer', 'technician', 'staff', 'admin', 'system')"


def upgrade() -> None:
    """Create the four tables."""
    op.create_table(
        "catalogue_contents",
        sa.Column("hash", CHARACTERS, nullable=False),
        sa.Column("content", CHARACTERS, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_catalogue_contents")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalogue_versions",
        sa.Column("number", COUNTER, autoincrement=False, nullable=False),
        sa.Column("source", CHARACTERS, nullable=False),
        sa.Column("content_hash", CHARACTERS, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        *_told_by(),
        sa.Column("rolls_back", sa.Integer(), nullable=False),
        sa.CheckConstraint(SOURCES, name=op.f("ck_catalogue_versions_source")),
        sa.CheckConstraint(ROLES, name=op.f("ck_catalogue_versions_actor_role")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_catalogue_versions")),
    )
    op.create_table(
        "catalogue_drafts",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("source", CHARACTERS, nullable=False),
        sa.Column("content_hash", CHARACTERS, nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        *_told_by(),
        sa.CheckConstraint(SOURCES, name=op.f("ck_catalogue_drafts_source")),
        sa.CheckConstraint(ROLES, name=op.f("ck_catalogue_drafts_actor_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_drafts")),
    )
    op.create_index(op.f("ix_catalogue_drafts_drafted_at_id"), "catalogue_drafts", ["drafted_at", "id"])
    _price_changes()


def _price_changes() -> None:
    op.create_table(
        "price_changes",
        sa.Column("position", COUNTER, nullable=False),
        sa.Column("kind", CHARACTERS, nullable=False),
        sa.Column("subject", CHARACTERS, nullable=False),
        sa.Column("device", CHARACTERS, nullable=False),
        sa.Column("service", CHARACTERS, nullable=False),
        sa.Column("grade", CHARACTERS, nullable=False),
        sa.Column("currency", CHARACTERS, nullable=False),
        sa.Column("was", sa.BigInteger()),
        sa.Column("became", sa.BigInteger()),
        sa.Column("version", CHARACTERS, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *_told_by(),
        sa.CheckConstraint("kind IN ('price', 'cost')", name=op.f("ck_price_changes_kind")),
        sa.CheckConstraint(ROLES, name=op.f("ck_price_changes_actor_role")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_price_changes")),
    )
    op.create_index(op.f("ix_price_changes_subject_position"), "price_changes", ["subject", "position"])
    op.create_index(
        op.f("ix_price_changes_device_service_position"), "price_changes", ["device", "service", "position"]
    )
    op.create_index(op.f("ix_price_changes_batch_position"), "price_changes", ["batch", "position"])


def _told_by() -> tuple[sa.Column[str], ...]:
    names = ("actor_role", "actor_id", "reason", "batch")
    return tuple(sa.Column(name, CHARACTERS, nullable=False) for name in names)
