"""Parts as suppliers offer them: what each costs the shop. A cost is never a price."""

from datetime import date

from attrs import frozen

from repaircore.domain.money import Money


@frozen(kw_only=True)
class Part:
    """One part of one supplier, known by the supplier's own number; for one service on one device, of one grade."""

    supplier: str
    number: str
    device: str
    service: str
    grade: str
    cost: Money
    as_of: date

    @property
    def key(self) -> str:
        """What it is known by: two suppliers may use the same number."""
        return f"{self.supplier}/{self.number}"

    @property
    def use(self) -> tuple[str, str, str]:
        """What it is for."""
        return self.device, self.service, self.grade
