"""Versions of the catalogue: drafted, published and rolled back like rulebooks. A version never changes; a rollback is one more."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import DomainError, NotFound, ReasonRequired


class CatalogueSource(StrEnum):
    """Where a version comes from."""

    FILES = "files"  # the shop's own files, taken in when the program starts
    IMPORT = "import"
    SUPPLIER = "supplier"  # a supplier's price list
    ROLLBACK = "rollback"


def must_say_why(reason: str) -> None:
    """Raise ReasonRequired for a change of the catalogue without one: the history tells it for good."""
    if not reason.strip():
        raise ReasonRequired("say why: to change the catalogue needs a reason")


class DraftOutdated(DomainError):
    """Another version was published since the draft was made: make it again."""

    code = "catalogue_draft_outdated"


@frozen(kw_only=True)
class CatalogueDraft:
    """A catalogue that is proposed and not published. `base` is the version that it was made from."""

    id: str
    base: int
    source: CatalogueSource
    content_hash: str
    drafted_at: datetime
    drafted_by: Actor
    reason: str
    batch: str


@frozen(kw_only=True)
class CatalogueVersion:
    """One act of putting a catalogue into force. `number` counts 1, 2, 3 …; `batch` names the delivery that its changes came
    with; `rolls_back` is the number of the version that it takes out of force."""

    number: int
    source: CatalogueSource
    content_hash: str
    effective_from: datetime
    published_at: datetime
    approver: Actor
    reason: str
    batch: str = ""
    rolls_back: int = 0


def in_force(versions: Iterable[CatalogueVersion], at: datetime) -> CatalogueVersion:
    """Choose the version in force at that moment: the one that came into force last; of two at once, the later one.

    The first counts from the beginning: whose clock is behind that of the program that published it has nothing else to sell by.
    Raises NotFound when there is none.
    """
    ordered = _by_effect(versions)
    if not ordered:
        raise NotFound("catalogue in force at", at.isoformat())
    return next((version for version in reversed(ordered) if version.effective_from <= at), ordered[0])


def before(versions: Iterable[CatalogueVersion], current: CatalogueVersion) -> CatalogueVersion:
    """Answer the version that a rollback of the current one returns to: the last before it with other content.

    Raises NotFound when there is none.
    """
    ordered = _by_effect(versions)
    for version in reversed(ordered[: ordered.index(current)]):
        if version.content_hash != current.content_hash:
            return version
    raise NotFound("catalogue before version", str(current.number))


def _by_effect(versions: Iterable[CatalogueVersion]) -> Sequence[CatalogueVersion]:
    return sorted(versions, key=lambda each: (each.effective_from, each.number))


@frozen(kw_only=True)
class Proposal:
    """A draft with what is in it."""

    draft: CatalogueDraft
    catalogue: Catalogue
