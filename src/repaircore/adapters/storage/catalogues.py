"""Versions and drafts of the catalogue, and changes of prices, as rows and back."""

from typing import Any

from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.domain.actors import Actor, Role
from repaircore.domain.catalog.history import PriceChange, PriceKind
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueSource, CatalogueVersion
from repaircore.domain.money import Money

Row = tuple[Any, ...]


def version_row(version: CatalogueVersion) -> Row:
    """Write a version."""
    return (
        version.number,
        version.source.value,
        version.content_hash,
        instant(version.effective_from),
        instant(version.published_at),
        version.approver.role.value,
        version.approver.id,
        version.reason,
        version.batch,
        version.rolls_back,
    )


def version_from(row: Row) -> CatalogueVersion:
    """Read a version."""
    return CatalogueVersion(
        number=row[0],
        source=CatalogueSource(row[1]),
        content_hash=row[2],
        effective_from=from_instant(row[3]),
        published_at=from_instant(row[4]),
        approver=Actor(Role(row[5]), row[6]),
        reason=row[7],
        batch=row[8],
        rolls_back=row[9],
    )


def draft_row(draft: CatalogueDraft) -> Row:
    """Write a draft."""
    return (
        draft.id,
        draft.base,
        draft.source.value,
        draft.content_hash,
        instant(draft.drafted_at),
        draft.drafted_by.role.value,
        draft.drafted_by.id,
        draft.reason,
        draft.batch,
    )


def draft_from(row: Row) -> CatalogueDraft:
    """Read a draft."""
    return CatalogueDraft(
        id=row[0],
        base=row[1],
        source=CatalogueSource(row[2]),
        content_hash=row[3],
        drafted_at=from_instant(row[4]),
        drafted_by=Actor(Role(row[5]), row[6]),
        reason=row[7],
        batch=row[8],
    )


def change_row(change: PriceChange) -> Row:
    """Write a change of a price."""
    present = change.before if change.after is None else change.after
    return (
        change.kind.value,
        change.subject,
        change.device,
        change.service,
        change.grade,
        None if present is None else present.currency,
        None if change.before is None else change.before.amount,
        None if change.after is None else change.after.amount,
        change.version,
        instant(change.at),
        change.by.role.value,
        change.by.id,
        change.reason,
        change.batch,
    )


def change_from(row: Row) -> PriceChange:
    """Read a change of a price, after its position."""
    return PriceChange(
        kind=PriceKind(row[0]),
        subject=row[1],
        device=row[2],
        service=row[3],
        grade=row[4],
        before=None if row[6] is None else Money(row[6], row[5]),
        after=None if row[7] is None else Money(row[7], row[5]),
        version=row[8],
        at=from_instant(row[9]),
        by=Actor(Role(row[10]), row[11]),
        reason=row[12],
        batch=row[13],
    )
