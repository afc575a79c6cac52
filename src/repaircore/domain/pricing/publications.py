"""Which rulebook is in force when: publications are numbered and never changed, so a rollback is one more of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rulebook

_DRAFT = "rb"


@frozen(kw_only=True)
class Publication:
    """One act of putting a version into force. `number` counts 1, 2, 3 …; `rolls_back` names the version that it takes out
    of force early. `approver` is empty where a business lets the program publish its file by itself."""

    number: int
    version: str
    effective_from: datetime
    published_at: datetime
    approver: str = ""
    note: str = ""
    rolls_back: str = ""


@frozen(kw_only=True)
class Draft:
    """A rulebook that was handed in and is not published. Its id is its content's: the same content is the same draft."""

    id: str
    rulebook: Rulebook
    uploaded_at: datetime
    uploaded_by: str = ""

    @classmethod
    def of(cls, rulebook: Rulebook, *, at: datetime, by: str = "") -> "Draft":
        """Make a draft of the rulebook."""
        id = f"{_DRAFT}_{content_hash(rulebook)[:24]}"
        return cls(id=id, rulebook=rulebook, uploaded_at=at, uploaded_by=by)


def in_force(publications: Iterable[Publication], rulebooks: Mapping[str, Rulebook], at: datetime) -> Publication:
    """Choose the publication in force at that moment: of those that came into force, the last one to do so; of two at the
    same moment, the one published later. A rulebook that ended is passed over. Raises NotFound when none is left."""
    for publication in reversed(by_effect(publications)):
        until = rulebooks[publication.version].effective_until
        if publication.effective_from <= at and (until is None or at < until):
            return publication
    raise NotFound("rulebook in force at", at.isoformat())


def by_effect(publications: Iterable[Publication]) -> Sequence[Publication]:
    """Put publications into the order in which they come into force."""
    return sorted(publications, key=lambda each: (each.effective_from, each.number))


def before(publications: Iterable[Publication], current: Publication) -> Publication:
    """Answer the publication that a rollback of the current one returns to: the last before it of another version.

    Raises NotFound when there is none.
    """
    ordered = by_effect(publications)
    for publication in reversed(ordered[: ordered.index(current)]):
        if publication.version != current.version:
            return publication
    raise NotFound("rulebook before", current.version)
