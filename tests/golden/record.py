"""Record golden sets of the present engine: `python -m tests.golden.record`. It never touches a set that exists."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import DomainError
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import ENGINE_VERSION, CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.facts import MarketSnapshot
from repaircore.domain.pricing.offer import offered
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.receipt import facts_to_json, priced_to_json, rulebook_to_json
from tests.golden.sets import HERE, MANIFEST, GoldenQuote, manifest

EXAMPLES = Path(__file__).parents[2] / "examples"
BUSINESSES = {
    "fixbulance": "USD",
    "full-rulebook": "GBP",
    "full-rulebook-2026-2": "GBP",
    "full-rulebook-2026-3": "GBP",
    "revivatech": "GBP",
}
LATER_VERSIONS = {
    "full-rulebook-2026-2": "full-rulebook",
    "full-rulebook-2026-3": "full-rulebook",
}  # of an example whose earlier version has a set of its own
QUOTES = 48
ASKED = datetime(2025, 1, 2, 9, 30, tzinfo=UTC)
POSTCODES = ("", "60462", "60601", "60007", "60540", "62701", "SW1A 1AA")


def main() -> int:
    """Write the sets of the present engine that are missing. Answer 1 when none is."""
    folder = HERE / f"engine-{ENGINE_VERSION}"
    missing = [business for business in BUSINESSES if not (folder / f"{business}.quotes.jsonl").exists()]
    if not missing:
        print(f"{folder.name} is recorded: golden sets are kept as they are", file=sys.stderr)
        return 1
    folder.mkdir(exist_ok=True)
    for business in missing:
        _record(folder, business, BUSINESSES[business])
    MANIFEST.write_text(manifest(), "utf-8")
    return 0


def _record(folder: Path, business: str, currency: str) -> None:
    example = EXAMPLES / LATER_VERSIONS.get(business, business)
    catalogue = CatalogueFiles(example, currency).load()
    compiled = compile_rulebook(RulebookFiles(example).load(catalogue))
    (folder / f"{business}.rulebook.json").write_text(rulebook_to_json(compiled.rulebook) + "\n", "utf-8")
    lines = [_golden(number, made).line() for number, made in enumerate(_quotes(catalogue, compiled))]
    (folder / f"{business}.quotes.jsonl").write_text("".join(line + "\n" for line in lines), "utf-8")


def _golden(number: int, made: Quote) -> GoldenQuote:
    services = " + ".join(item.service_id for item in made.facts.items)
    return GoldenQuote(
        name=f"{number + 1}: {made.facts.device.id}, {services}",
        engine_version=made.engine_version,
        rulebook_version=made.rulebook_version,
        facts=facts_to_json(made.facts),
        priced=priced_to_json(made.priced),
        receipt_hash=made.receipt_hash,
    )


def _quotes(catalogue: Catalogue, compiled: CompiledRulebook) -> Iterator[Quote]:
    chance, made = Random(f"golden {ENGINE_VERSION}"), 0
    while made < QUOTES:
        asked, market = _request(catalogue, compiled, chance), _market(compiled, chance)
        try:
            yield make_quote(
                asked, catalogue=catalogue, rulebook=compiled, id=QuoteId("qt_golden"), at=ASKED, market=market
            )
        except DomainError:
            continue
        made += 1


def _request(catalogue: Catalogue, compiled: CompiledRulebook, chance: Random) -> QuoteRequest:
    """Draw a request. What a business does not price by stays empty."""

    def word(dimension: str, *others: str) -> str:
        return chance.choice([*others, *sorted(compiled.words(dimension))])

    device = chance.choice(sorted(catalogue.devices.values(), key=lambda one: one.id))
    services = offered(catalogue, compiled, device)
    wanted = chance.sample(services, min(len(services), chance.choice((1, 1, 1, 2, 2, 3))))
    codes = [promotion.code for promotion in compiled.rulebook.promotions]
    return QuoteRequest(
        device_id=device.id,
        items=tuple(
            Wanted(
                service_id=service.id,
                quantity=chance.randint(1, min(chance.choice((2, 3, 12)), service.max_quantity)),
                grade=word("grades", ""),
                warranty=word("warranties", ""),
                competitor_price=chance.choice((None, None, Money(9500, compiled.rulebook.currency))),
            )
            for service in wanted
        ),
        urgency=word("urgencies"),
        fulfilment=word("fulfilments"),
        condition=word("conditions", ""),
        complexity=word("complexities", ""),
        customer_type=word("customer_types", ""),
        tier=word("tiers", ""),
        tax_status=word("tax_statuses", "", "", ""),
        place=word("places", ""),
        postcode=chance.choice(POSTCODES),
        slot_start=chance.choice((None, ASKED + timedelta(hours=chance.randrange(2 * 365 * 24)))),
        promo_codes=(chance.choice(codes),) if codes and chance.random() < 0.5 else (),
        first_order=chance.random() < 0.3,
        referred=chance.random() < 0.3,
        vouched=True,
    )


def _market(compiled: CompiledRulebook, chance: Random) -> MarketSnapshot:
    """Draw a snapshot of the figures that some rule asks for."""
    figures = sorted({bound.figure for rule in compiled.rulebook.rules for bound in rule.scope.market})
    if not figures:
        return MarketSnapshot()
    return MarketSnapshot(id="ms_golden", figures={figure: chance.randrange(0, 120) for figure in figures})


if __name__ == "__main__":
    sys.exit(main())
