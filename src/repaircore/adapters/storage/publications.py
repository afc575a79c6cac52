"""Publications and drafts of rulebooks as rows and back."""

from typing import Any

from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.receipt import rulebook_from_json, rulebook_to_json

Row = tuple[Any, ...]


def publication_row(publication: Publication) -> Row:
    """Write a publication."""
    return (
        publication.number,
        publication.version,
        instant(publication.effective_from),
        instant(publication.published_at),
        publication.approver,
        publication.note,
        publication.rolls_back,
    )


def publication_from(row: Row) -> Publication:
    """Read a publication."""
    return Publication(
        number=row[0],
        version=row[1],
        effective_from=from_instant(row[2]),
        published_at=from_instant(row[3]),
        approver=row[4],
        note=row[5],
        rolls_back=row[6],
    )


def draft_row(draft: Draft) -> Row:
    """Write a draft."""
    return draft.id, rulebook_to_json(draft.rulebook), instant(draft.uploaded_at), draft.uploaded_by


def draft_from(row: Row) -> Draft:
    """Read a draft."""
    return Draft(id=row[0], rulebook=rulebook_from_json(row[1]), uploaded_at=from_instant(row[2]), uploaded_by=row[3])
