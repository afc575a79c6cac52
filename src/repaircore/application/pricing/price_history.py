"""The history of base prices: what a publication makes dearer, cheaper, new or gone, on record with it."""

from collections.abc import Iterable, Iterator

from repaircore.domain.actors import SYSTEM, Actor, Role
from repaircore.domain.catalog.history import PriceChange, PriceKind
from repaircore.domain.money import Money
from repaircore.domain.pricing.publications import Publication
from repaircore.domain.pricing.rules import Rule, Rulebook, Stage
from repaircore.ports.unit_of_work import UnitOfWork


def record_prices(work: UnitOfWork, old: Rulebook | None, new: Rulebook, publication: Publication) -> None:
    """Gather the changes of base prices, in the same transaction as the publication that makes them."""
    by = Actor(Role.ADMIN, publication.approver) if publication.approver else SYSTEM
    for rule, before, after in price_changes(old, new):
        work.catalogues.record_price(
            PriceChange(
                kind=PriceKind.PRICE,
                subject=rule.id,
                device=_words(rule.scope.models),
                service=_words(rule.scope.services),
                grade="",
                before=before,
                after=after,
                version=publication.version,
                at=publication.published_at,
                by=by,
                reason=publication.note,
                batch=f"rulebook-{publication.number}",
            )
        )


def price_changes(old: Rulebook | None, new: Rulebook) -> Iterator[tuple[Rule, Money | None, Money | None]]:
    """Answer every base price that differs, with its amount before and after; None is none. Without an old rulebook all are new."""
    was, now = _prices(old), _prices(new)
    for id, rule in now.items():
        before = was.get(id)
        if before is None or before.value != rule.value:
            yield rule, None if before is None else _amount(before, new), _amount(rule, new)
    for id, rule in was.items():
        if id not in now:
            yield rule, _amount(rule, new), None


def _prices(rulebook: Rulebook | None) -> dict[str, Rule]:
    return {rule.id: rule for rule in rulebook.rules if rule.stage is Stage.BASE} if rulebook else {}


def _amount(rule: Rule, rulebook: Rulebook) -> Money:
    return Money(int(rule.value), rulebook.currency)


def _words(names: Iterable[str]) -> str:
    return " ".join(sorted(names))
