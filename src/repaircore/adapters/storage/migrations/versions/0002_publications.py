"""Publications and drafts of rulebooks. What was published before becomes a publication without an approver."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT, TIMESTAMP

from repaircore.adapters.storage.encoding import from_instant, instant

revision = "0002"
down_revision = "0001"

CHARACTERS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INSTANT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables, and take over what is published."""
    publications = op.create_table(
        "rulebook_publications",
        sa.Column("number", COUNTER, autoincrement=False, nullable=False),
        sa.Column("version", CHARACTERS, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("approver", CHARACTERS, nullable=False),
        sa.Column("note", CHARACTERS, nullable=False),
        sa.Column("rolls_back", CHARACTERS, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rulebook_publications"),
    )
    op.create_table(
        "rulebook_drafts",
        sa.Column("id", CHARACTERS, nullable=False),
        sa.Column("content", CHARACTERS, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", CHARACTERS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rulebook_drafts"),
    )
    published = op.get_bind().execute(sa.text("SELECT version, content, published_at FROM rulebooks ORDER BY position"))
    rows = [_row(number, *row) for number, row in enumerate(published, start=1)]
    if rows:
        op.bulk_insert(publications, rows)


def _row(number: int, version: str, content: str, published_at: str) -> dict[str, object]:
    effective_from = from_instant(json.loads(content)["effective_from"])
    return {
        "number": number,
        "version": version,
        "effective_from": instant(effective_from),
        "published_at": published_at,
        "approver": "",
        "note": "",
        "rolls_back": "",
    }


def downgrade() -> None:
    """Drop both."""
    op.drop_table("rulebook_drafts")
    op.drop_table("rulebook_publications")
