"""Taking catalogues, prices and suppliers' lists in from files, and writing them out, over an open core."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from repaircore.application.catalog.drafting import Review
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.versions import CatalogueSource
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.rules import Rule, Rulebook
from repaircore.wiring.core import Core
from repaircore.wiring.rulebooks import read_rulebook

if TYPE_CHECKING:
    from repaircore.adapters.catalog.exports import Format
    from repaircore.adapters.catalog.imports import Imported

Tick = Callable[[int], None]


@frozen(kw_only=True)
class Terms:
    """Who takes something in, and why; `batch` names the delivery, and is the draft's id where none is given."""

    by: Actor
    reason: str
    batch: str = ""


@frozen(kw_only=True)
class TakenIn:
    """What became of an import: a draft of the catalogue, a draft of a rulebook with the new prices, or both."""

    review: Review | None
    rulebook: Rulebook | None
    rulebook_draft: str


async def import_files(
    core: Core, files: Sequence[Path], tick: Tick, terms: Terms, *, replace: bool = False
) -> TakenIn:
    """Draft what the files say: of the catalogue, of prices, of a rulebook. Raises FileProblems or RulebookInvalid; then
    nothing is kept."""
    base, catalogue = await core.catalogues.draft.newest()
    imported, rules = await asyncio.to_thread(_read, catalogue, core.business.currency, files, tick, replace)
    current, now = core.pricing.prices.current(core.clock.now()).rulebook, core.clock.now()
    candidate = rules
    if "prices" in imported.rooms:
        candidate = _with_prices(rules or _next_version(current, now), imported, replace=replace)
    refuse(check(candidate or current, imported.catalogue))
    review = None
    if imported.rooms - {"prices"}:
        draft = await core.catalogues.draft(
            imported.catalogue,
            base=base,
            source=CatalogueSource.IMPORT,
            by=terms.by,
            reason=terms.reason,
            batch=terms.batch,
        )
        review = await core.catalogues.draft.review(draft.id)
    rulebook_draft = (await core.rulebooks.upload(candidate, by=terms.by.id)).id if candidate else ""
    return TakenIn(review=review, rulebook=candidate, rulebook_draft=rulebook_draft)


async def publish_import(
    core: Core,
    taken_in: TakenIn,
    terms: Terms,
    *,
    effective_from: datetime | None = None,
    jumps_are_meant: bool = False,
) -> None:
    """Publish what was drafted: the catalogue first, since prices may be for what is new in it."""
    if taken_in.review:
        await core.catalogues.publish(
            taken_in.review.draft.id,
            approver=terms.by,
            effective_from=effective_from,
            jumps_are_meant=jumps_are_meant,
        )
    if taken_in.rulebook:
        await core.publish(taken_in.rulebook, effective_from=effective_from, approver=terms.by.id, note=terms.reason)


async def import_price_list(core: Core, supplier: str, file: Path, tick: Tick, terms: Terms) -> Review:
    """Draft a supplier's list. Raises FileProblems, and then nothing is kept."""
    _, catalogue = await core.catalogues.draft.newest()
    offered = await asyncio.to_thread(_read_list, file, supplier, catalogue, core.business.currency, tick)
    return await core.catalogues.take_price_list(supplier, offered, by=terms.by, reason=terms.reason, batch=terms.batch)


def export_files(core: Core, folder: Path, format: "Format", wrote: Tick) -> list[Path]:
    """Write the catalogue and the price list in force."""
    from repaircore.adapters.catalog.exports import export

    prices = core.pricing.prices
    return export(prices.catalogue, prices.current(core.clock.now()).rulebook, folder, format, wrote)


def _read(
    base: Catalogue, currency: str, files: Sequence[Path], tick: Tick, replace: bool
) -> tuple["Imported", Rulebook | None]:
    """Read the catalogue's files, and then the rules over what they make of it."""
    from repaircore.adapters.catalog.imports import Import
    from repaircore.adapters.catalog.sources import is_rulebook

    of_rules = [file for file in files if is_rulebook(file)]
    if len(of_rules) > 1:
        raise InvalidValue(f"{of_rules[0].name} and {of_rules[1].name} are both rulebooks: take in one of them")
    imported = Import(base, currency, replace=replace).read([each for each in files if each not in of_rules], tick)
    return imported, read_rulebook(of_rules[0], imported.catalogue, currency=currency) if of_rules else None


def _read_list(file: Path, supplier: str, catalogue: Catalogue, currency: str, tick: Tick) -> tuple[Part, ...]:
    from repaircore.adapters.catalog.supplier import read_price_list

    return read_price_list(file, supplier, catalogue, currency, tick)


def _next_version(rulebook: Rulebook, at: datetime) -> Rulebook:
    """Answer the same rules under a version of their own, for other prices."""
    version = f"{rulebook.version.partition('+')[0]}+prices.{at:%Y%m%d%H%M%S}"
    return evolve(rulebook, version=version, effective_from=at)


def _with_prices(rulebook: Rulebook, imported: "Imported", *, replace: bool) -> Rulebook:
    """Answer the rulebook with the imported prices; with `replace`, with no others that a price list can hold."""
    from repaircore.adapters.catalog.exports import is_listed

    new = {rule.id: rule for rule in imported.prices}
    kept: list[Rule] = []
    for rule in rulebook.rules:
        if rule.id in new:
            kept.append(new.pop(rule.id))
        elif not (replace and is_listed(rule)):
            kept.append(rule)
    return evolve(rulebook, rules=(*kept, *new.values()))
