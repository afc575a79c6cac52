"""Record the golden set of a new engine version: `python -m tests.golden.record`. It never touches a set that exists."""

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
from repaircore.domain.pricing.engine import ENGINE_VERSION, CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.offer import offered
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, make_quote
from repaircore.domain.pricing.receipt import facts_to_json, priced_to_json, rulebook_to_json
from tests.golden.sets import HERE, MANIFEST, GoldenQuote, manifest

EXAMPLES = Path(__file__).parents[2] / "examples"
BUSINESSES = {"fixbulance": "USD", "revivatech": "GBP"}
QUOTES = 48
ASKED = datetime(2025, 1, 2, 9, 30, tzinfo=UTC)
POSTCODES = ("", "60462", "60601", "60007", "60540", "62701", "SW1A 1AA")


def main() -> int:
    """Write the set of the present engine. Answer 1 when it is there already."""
    folder = HERE / f"engine-{ENGINE_VERSION}"
    if folder.exists():
        print(f"{folder.name} is recorded: golden sets are kept as they are", file=sys.stderr)
        return 1
    folder.mkdir()
    for business, currency in BUSINESSES.items():
        _record(folder, business, currency)
    MANIFEST.write_text(manifest(), "utf-8")
    return 0


def _record(folder: Path, business: str, currency: str) -> None:
    catalogue = CatalogueFiles(EXAMPLES / business, currency).load()
    compiled = compile_rulebook(RulebookFiles(EXAMPLES / business).load(catalogue))
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
        asked = _request(catalogue, compiled, chance)
        try:
            yield make_quote(asked, catalogue=catalogue, rulebook=compiled, id=QuoteId("qt_golden"), at=ASKED)
        except DomainError:
            continue
        made += 1


def _request(catalogue: Catalogue, compiled: CompiledRulebook, chance: Random) -> QuoteRequest:
    """Draw a request. What a business does not price by stays empty."""
    device = chance.choice(sorted(catalogue.devices.values(), key=lambda one: one.id))
    services = offered(catalogue, compiled, device)
    wanted = chance.sample(services, min(len(services), chance.choice((1, 1, 1, 2, 2, 3))))
    hours = chance.randrange(365 * 24)
    return QuoteRequest(
        device_id=device.id,
        items=tuple((service.id, chance.randint(1, min(3, service.max_quantity))) for service in wanted),
        urgency=chance.choice(sorted(compiled.words("urgencies"))),
        fulfilment=chance.choice(sorted(compiled.words("fulfilments"))),
        condition=chance.choice(["", *sorted(compiled.words("conditions"))]),
        complexity=chance.choice(["", *sorted(compiled.words("complexities"))]),
        customer_type=chance.choice(["", *sorted(compiled.words("customer_types"))]),
        postcode=chance.choice(POSTCODES),
        slot_start=chance.choice((None, ASKED + timedelta(hours=hours))),
    )


if __name__ == "__main__":
    sys.exit(main())
