"""Versions of the catalogue, drafts and the history of prices, as JSON."""

from typing import Annotated, Any

from msgspec import Meta

from repaircore.application.catalog.drafting import Review as Reviewed
from repaircore.domain.actors import Actor
from repaircore.domain.catalog import history, supply, versions
from repaircore.domain.catalog.versions import CatalogueSource
from repaircore.domain.money import Money
from repaircore.entrypoints.http.schemas.words import Body, Moment, View
from repaircore.ports.unit_of_work import RecordedPrice

Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Batch = Annotated[str, Meta(max_length=100)]
Sheet = Annotated[str, Meta(min_length=1, max_length=20_000_000)]


class NewImport(Body):
    """Files by name, each with its text: CSV sheets and TOML files, as `catalog import` takes them."""

    files: Annotated[dict[str, Sheet], Meta(min_length=1, max_length=20)]
    reason: Reason
    batch: Batch = ""
    replace: bool = False


class NewPriceList(Body):
    """A supplier's list as a CSV sheet: supplier_part, device, service, grade, cost, date."""

    supplier: Annotated[str, Meta(min_length=1, max_length=100)]
    csv: Sheet
    reason: Reason
    batch: Batch = ""


class Approval(Body):
    """Who publishes says from when, and whether costs that jump are meant; `rulebook_draft` is published with the catalogue."""

    rulebook_draft: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""
    effective_from: Moment | None = None
    jumps_are_meant: bool = False


class Return(Body):
    """Why the catalogue goes back; `to` is a version's number, 0 the last that was different."""

    reason: Reason
    to: Annotated[int, Meta(ge=0)] = 0


class Who(View):
    """An actor, by role and id."""

    role: str
    id: str


class Draft(View):
    """A catalogue that is proposed. `base` is the version that it was made from."""

    id: str
    base: int
    source: CatalogueSource
    drafted_at: Moment
    drafted_by: Who
    reason: str
    batch: str
    content_hash: str


class Drafts(View):
    """The newest drafts."""

    items: list[Draft]


class FieldChange(View):
    """A field before and after; null is nothing."""

    field: str
    before: Any
    after: Any


class EntryChange(View):
    """An entry of the catalogue that is added, changed or removed."""

    kind: str
    room: str
    id: str
    fields: list[FieldChange]


class Cost(View):
    """A part's cost before and after; null is none. `today` is what parts for a new one's use cost until now, where that is known."""

    supplier: str
    supplier_part: str
    device_id: str
    service_id: str
    grade: str
    before: Money | None
    after: Money | None
    today: Money | None
    suspicious: bool


class Review(View):
    """A draft with what it would change."""

    draft: Draft
    changes: list[EntryChange]
    changed: list[Cost]
    new: list[Cost]
    gone: list[Cost]
    suspicious: int


class TakenIn(View):
    """What became of an import: the catalogue's draft, the id of a rulebook's draft with new prices, or both."""

    catalog: Review | None
    rulebook_draft: str | None


class Version(View):
    """A catalogue that was put into force."""

    number: int
    source: CatalogueSource
    effective_from: Moment
    published_at: Moment
    approver: Who
    reason: str
    batch: str
    rolls_back: int | None
    content_hash: str


class Versions(View):
    """A page of versions, the newest first."""

    items: list[Version]
    next_cursor: str | None


class PriceChange(View):
    """A price that changed: who, when, why, and with which delivery. `subject` is a price rule's id or a supplier's part."""

    kind: str
    subject: str
    device_id: str
    service_id: str
    grade: str
    before: Money | None
    after: Money | None
    version: str
    at: Moment
    by: Who
    reason: str
    batch: str


class PriceHistory(View):
    """A page of changes, the newest first."""

    items: list[PriceChange]
    next_cursor: str | None


def draft(found: versions.CatalogueDraft) -> Draft:
    """Show a draft."""
    return Draft(
        id=found.id,
        base=found.base,
        source=found.source,
        drafted_at=found.drafted_at,
        drafted_by=_who(found.drafted_by),
        reason=found.reason,
        batch=found.batch,
        content_hash=found.content_hash,
    )


def review(found: Reviewed) -> Review:
    """Show a draft with what it would change."""
    return Review(
        draft=draft(found.draft),
        changes=[_entry(each) for each in found.changes],
        changed=[_cost(each) for each in found.costs.changed],
        new=[_cost(each) for each in found.costs.new],
        gone=[_cost(each) for each in found.costs.gone],
        suspicious=len(found.costs.suspicious),
    )


def version(found: versions.CatalogueVersion) -> Version:
    """Show a version."""
    return Version(
        number=found.number,
        source=found.source,
        effective_from=found.effective_from,
        published_at=found.published_at,
        approver=_who(found.approver),
        reason=found.reason,
        batch=found.batch,
        rolls_back=found.rolls_back or None,
        content_hash=found.content_hash,
    )


def price_change(found: RecordedPrice) -> PriceChange:
    """Show a change of a price."""
    change = found.change
    return PriceChange(
        kind=change.kind.value,
        subject=change.subject,
        device_id=change.device,
        service_id=change.service,
        grade=change.grade,
        before=change.before,
        after=change.after,
        version=change.version,
        at=change.at,
        by=_who(change.by),
        reason=change.reason,
        batch=change.batch,
    )


def _entry(change: history.Change) -> EntryChange:
    fields = [FieldChange(field=name, before=was, after=now) for name, (was, now) in change.fields.items()]
    return EntryChange(kind=change.kind.value, room=change.room, id=change.id, fields=fields)


def _cost(change: supply.CostChange) -> Cost:
    part = change.part
    return Cost(
        supplier=part.supplier,
        supplier_part=part.number,
        device_id=part.device,
        service_id=part.service,
        grade=part.grade,
        before=change.before,
        after=change.after,
        today=change.today,
        suspicious=change.is_suspicious,
    )


def _who(actor: Actor) -> Who:
    return Who(role=actor.role.value, id=actor.id)
