"""What changed between two catalogues, and the history of every price: who, when, why, and with which delivery."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import AttrsInstance, frozen

from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.record import plain
from repaircore.domain.money import Money

Entry = AttrsInstance | str
ROOMS = ("categories", "devices", "services", "aliases", "parts")


class ChangeKind(StrEnum):
    """What happened to an entry."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@frozen(kw_only=True)
class Change:
    """One entry of the catalogue that is not as it was. `fields` has, for each that differs, its value before and after."""

    kind: ChangeKind
    room: str
    id: str
    fields: Mapping[str, tuple[Any, Any]]


class PriceKind(StrEnum):
    """Which price changed."""

    PRICE = "price"  # a base price that customers pay
    COST = "cost"  # what a part costs the shop


@frozen(kw_only=True)
class PriceChange:
    """One price that is not what it was; None is none at all. `subject` names it: a rule's id, or a supplier's part."""

    kind: PriceKind
    subject: str
    device: str
    service: str
    grade: str
    before: Money | None
    after: Money | None
    version: str
    at: datetime
    by: Actor
    reason: str
    batch: str


def differences(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    """Answer every entry that differs, by room, in the order of the new catalogue, and then what is gone."""
    for room in ROOMS:
        was, now = getattr(old, room), getattr(new, room)
        for id, entry in now.items():
            if id not in was:
                yield _change(ChangeKind.ADDED, room, id, None, entry)
            elif entry != was[id]:
                yield _change(ChangeKind.CHANGED, room, id, was[id], entry)
        for id in [gone for gone in was if gone not in now]:
            yield _change(ChangeKind.REMOVED, room, id, was[id], None)


def cost_changes(old: Catalogue, new: Catalogue) -> Iterator[tuple[Part, Money | None, Money | None]]:
    """Answer every part whose cost differs, with its cost before and after."""
    for key, part in new.parts.items():
        before = old.parts.get(key)
        if before is None or before.cost != part.cost:
            yield part, None if before is None else before.cost, part.cost
    for key, part in old.parts.items():
        if key not in new.parts:
            yield part, part.cost, None


def _change(kind: ChangeKind, room: str, id: str, was: Entry | None, now: Entry | None) -> Change:
    before, after = _fields(was), _fields(now)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return Change(kind=kind, room=room, id=id, fields={name: (before.get(name), after.get(name)) for name in names})


def _fields(entry: Entry | None) -> dict[str, Any]:
    """Answer an entry's fields; an alias has only what it stands for."""
    if entry is None:
        return {}
    return {"stands_for": entry} if isinstance(entry, str) else plain(entry)
