"""A supplier's new price list, held against what the shop pays now: what changed, what is new, what is gone, what is odd."""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.history import cost_changes
from repaircore.domain.catalog.parts import Part
from repaircore.domain.errors import DomainError
from repaircore.domain.money import Money

CostToday = Callable[[Part], Money | None]

JUMP_PERCENT = 50
"""A cost that rises or falls by more than this is more often a slip of the pen than a price."""


class SuspiciousJumps(DomainError):
    """Costs jump by more than a price usually does: look at them, then publish again and say that they are meant."""

    code = "suspicious_jumps"


@frozen(kw_only=True)
class CostChange:
    """A part whose cost differs. None is none: `before` of a new part, `after` of one that is gone. `today` is what parts for its
    use cost until now, where that is known."""

    part: Part
    before: Money | None
    after: Money | None
    today: Money | None = None

    @property
    def is_suspicious(self) -> bool:
        """Whether the cost jumps, or falls to nothing."""
        was = self.was
        if was is None or self.after is None:
            return self.after is not None and self.after.amount == 0
        moved = abs(self.after.amount - was.amount) * 100
        return moved > was.amount * JUMP_PERCENT

    @property
    def was(self) -> Money | None:
        """What it is held against: its own cost, or of a new part what others for its use cost."""
        return self.before if self.before is not None else self.today


@frozen(kw_only=True)
class CostComparison:
    """What a change of catalogue does to the costs of parts."""

    changed: tuple[CostChange, ...]
    new: tuple[CostChange, ...]
    gone: tuple[CostChange, ...]

    @property
    def suspicious(self) -> tuple[CostChange, ...]:
        """Those that somebody has to look at."""
        return tuple(each for each in (*self.changed, *self.new) if each.is_suspicious)


def with_price_list(catalogue: Catalogue, supplier: str, offered: Iterable[Part]) -> Catalogue:
    """Answer the catalogue with that supplier's parts as offered, and only those; other suppliers' stay."""
    others = {key: part for key, part in catalogue.parts.items() if part.supplier != supplier}
    return evolve(catalogue, parts={**others, **{part.key: part for part in offered}})


def compare_costs(old: Catalogue, new: Catalogue, today: CostToday = lambda part: None) -> CostComparison:
    """Say what becomes of the costs of parts. `today` answers what parts for a new one's use cost, None where nobody knows."""
    found = [
        CostChange(part=part, before=before, after=after, today=today(part) if before is None else None)
        for part, before, after in cost_changes(old, new)
    ]
    return CostComparison(
        changed=tuple(each for each in found if each.before is not None and each.after is not None),
        new=tuple(each for each in found if each.before is None),
        gone=tuple(each for each in found if each.after is None),
    )


def refuse_jumps(comparison: CostComparison) -> None:
    """Raise SuspiciousJumps naming the first of them."""
    odd = comparison.suspicious
    if odd:
        first = odd[0]
        was = f"from {first.was} to {first.after}" if first.was is not None else f"is {first.after}"
        raise SuspiciousJumps(
            f"{len(odd)} costs look wrong; the first is {first.part.key}: {was}. If they are meant, say so and publish again"
        )
