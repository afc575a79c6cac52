"""Taking catalogues, prices and suppliers' lists in from files, and writing them out, over an open core."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from repaircore.application.catalog.drafting import Review
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.versions import CatalogueSource, CatalogueVersion
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rule, Rulebook
from repaircore.wiring.core import Core
from repaircore.wiring.rulebooks import read_rule_sheets, read_rulebook

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
    now = core.clock.now()
    current = core.pricing.prices.base(now)
    imported, candidate = await asyncio.to_thread(_read, catalogue, current, files, tick, replace, now)
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
    """Publish what was drafted, all of it or nothing: prices may be for what is new in the catalogue."""
    review, rulebook = taken_in.review, taken_in.rulebook
    if review and rulebook:
        await core.catalogues.publish_together(
            review.draft.id,
            rulebook,
            approver=terms.by,
            effective_from=effective_from,
            jumps_are_meant=jumps_are_meant,
        )
    elif review:
        await core.catalogues.publish(
            review.draft.id, approver=terms.by, effective_from=effective_from, jumps_are_meant=jumps_are_meant
        )
    elif rulebook:
        await core.publish(rulebook, effective_from=effective_from, approver=terms.by.id, note=terms.reason)


async def publish_drafts(
    core: Core,
    draft_id: str,
    rulebook_draft: str,
    *,
    approver: Actor,
    reason: str = "",
    effective_from: datetime | None = None,
    jumps_are_meant: bool = False,
) -> CatalogueVersion:
    """Publish a draft of the catalogue, and where one is named the draft of a rulebook with it, both or neither."""
    if not rulebook_draft:
        return await core.catalogues.publish(
            draft_id, approver=approver, reason=reason, effective_from=effective_from, jumps_are_meant=jumps_are_meant
        )
    version, _ = await core.catalogues.publish_together(
        draft_id,
        await core.rulebooks.find(rulebook_draft),
        approver=approver,
        reason=reason,
        effective_from=effective_from,
        jumps_are_meant=jumps_are_meant,
    )
    return version


async def import_price_list(core: Core, supplier: str, file: Path, tick: Tick, terms: Terms) -> Review:
    """Draft a supplier's list. Raises FileProblems, and then nothing is kept."""
    _, catalogue = await core.catalogues.draft.newest()
    grades = core.pricing.prices.base(core.clock.now()).words("grades")
    offered = await asyncio.to_thread(_read_list, file, supplier, catalogue, core.business.currency, tick, grades)
    return await core.catalogues.take_price_list(supplier, offered, by=terms.by, reason=terms.reason, batch=terms.batch)


def export_files(core: Core, folder: Path, format: "Format", wrote: Tick) -> list[Path]:
    """Write the catalogue and the price list in force."""
    from repaircore.adapters.catalog.exports import export

    prices = core.pricing.prices
    return export(prices.catalogue, prices.base(core.clock.now()), folder, format, wrote)


def _read(
    base: Catalogue, current: Rulebook, files: Sequence[Path], tick: Tick, replace: bool, now: datetime
) -> tuple["Imported", Rulebook | None]:
    """Read the catalogue's files, then a rulebook over what they make of it, then prices and sheets of rules over that one or,
    as its next version, over the current one. Without any of them there is no rulebook."""
    from repaircore.adapters.catalog.imports import Import
    from repaircore.adapters.catalog.sources import is_rule_sheet, is_rulebook
    from repaircore.adapters.pricing.prices import is_price

    of_rules, sheets = [each for each in files if is_rulebook(each)], [each for each in files if is_rule_sheet(each)]
    if len(of_rules) > 1:
        raise InvalidValue(f"{of_rules[0].name} and {of_rules[1].name} are both rulebooks: take in one of them")
    others = [each for each in files if each not in (*of_rules, *sheets)]
    imported = Import(base, current.currency, replace=replace).read(others, tick)
    given = read_rulebook(of_rules[0], imported.catalogue, currency=current.currency) if of_rules else None
    if given and _say_the_same(given, current):
        given = current
    candidate = given or _next_version(current, now)
    if sheets:
        rules = read_rule_sheets(sheets, candidate, imported.catalogue, tick)
        candidate = _with(candidate, rules, gone=lambda rule: replace and not given and not is_price(rule))
    if "prices" in imported.rooms:
        candidate = _with(candidate, imported.prices, gone=lambda rule: replace and not given and is_price(rule))
    return imported, candidate if given or sheets or "prices" in imported.rooms else None


def _read_list(
    file: Path, supplier: str, catalogue: Catalogue, currency: str, tick: Tick, grades: Collection[str]
) -> tuple[Part, ...]:
    from repaircore.adapters.catalog.supplier import read_price_list

    return read_price_list(file, supplier, catalogue, currency, tick, grades=grades)


def _next_version(rulebook: Rulebook, at: datetime) -> Rulebook:
    """Answer the same rules under a version of their own, for other prices."""
    version = f"{rulebook.version.partition('+')[0]}+prices.{at:%Y%m%d%H%M%S}"
    return evolve(rulebook, version=version, effective_from=at)


def _say_the_same(one: Rulebook, other: Rulebook) -> bool:
    """Whether two rulebooks differ in the order of their rules at most, which says nothing."""
    if one.version != other.version:
        return False
    first, second = (evolve(each, rules=tuple(sorted(each.rules, key=lambda rule: rule.id))) for each in (one, other))
    return content_hash(first) == content_hash(second)


def _with(rulebook: Rulebook, rules: Iterable[Rule], *, gone: Callable[[Rule], bool]) -> Rulebook:
    """Answer the rulebook with these rules in the place of those with the same ids, and without the others that are `gone`."""
    new = {rule.id: rule for rule in rules}
    kept: list[Rule] = []
    for rule in rulebook.rules:
        if rule.id in new:
            kept.append(new.pop(rule.id))
        elif not gone(rule):
            kept.append(rule)
    return evolve(rulebook, rules=(*kept, *new.values()))
