"""A price once given out is given out again: old quotes recompute byte for byte, and nobody edits them to make it so."""

from hashlib import sha256

import pytest
from attrs import evolve

from repaircore.domain.pricing.engine import ENGINE_VERSION, compile_rulebook, price
from repaircore.domain.pricing.receipt import (
    content_hash,
    facts_to_json,
    priced_from_json,
    priced_to_json,
    receipt_hash,
    rulebook_to_json,
)
from tests.golden.record import BUSINESSES
from tests.golden.sets import MANIFEST, GoldenSet, all_sets, manifest

# The lines of the manifest that belong to a set, hashed. Add a line for a new set; never change one.
SEALS = {
    "engine 1, fixbulance": "38f1f6756077cd69c4b9fda76edc4565e9be026dc55ff293b4dbcf6c02942fd2",
    "engine 1, full-rulebook": "6ce7cfb935ba6b78b1488f81abe6a854aa52cc53d11d0c6ce68e09af00d096b1",
    "engine 1, full-rulebook-2026-2": "c10d25be27c3c13e2742b44d7c7dabfacc69d3d9d823432f403547830880b51b",
    "engine 1, full-rulebook-2026-3": "5c3f26babb3426a72dc1d08c78e6482e937f61ac10e12c3b9a4c8ac829a66948",
    "engine 1, revivatech": "a8ddec39aa9565bbdab7c109e34eb0b2bb8ef9492e86818e9f0dc1b51a4676b6",
}

SETS = all_sets()
every_set = pytest.mark.parametrize("golden", SETS, ids=str)


@every_set
def test_quotes_recompute(golden: GoldenSet) -> None:
    """From the stored facts and the stored rulebook come the stored result and its receipt, byte for byte."""
    compiled = compile_rulebook(golden.rulebook)
    recomputed = []
    for quote in golden.quotes:
        result = price(compiled, quote.asked)
        receipt = receipt_hash(
            facts=quote.asked,
            rulebook_version=compiled.rulebook.version,
            rulebook_hash=compiled.content_hash,
            engine_version=golden.engine,
            priced=result,
        )
        recomputed.append((quote.name, facts_to_json(quote.asked), priced_to_json(result), receipt))

    assert recomputed == [(one.name, one.facts, one.priced, one.receipt_hash) for one in golden.quotes]


@every_set
def test_stored_forms_are_kept(golden: GoldenSet) -> None:
    """Reading and writing again gives the same bytes: a field added later does not show in what was stored before."""
    assert rulebook_to_json(golden.rulebook) == golden.rulebook_text
    for quote in golden.quotes:
        assert priced_to_json(priced_from_json(quote.priced)) == quote.priced
        assert (quote.engine_version, quote.rulebook_version) == (golden.engine, golden.rulebook.version)


@every_set
def test_quotes_are_varied(golden: GoldenSet) -> None:
    """A set is worth keeping when its quotes differ in what moves a price."""
    asked = [quote.asked for quote in golden.quotes]

    assert len(asked) >= 36
    assert len({facts.device.id for facts in asked}) >= 3
    assert len({facts.urgency for facts in asked}) >= 5
    assert len({facts.fulfilment for facts in asked}) >= 4
    assert len({facts.local_time.month for facts in asked}) >= 8
    assert len({quote.receipt_hash for quote in golden.quotes}) == len(asked)


def test_files_are_as_they_were_recorded() -> None:
    """The manifest names every golden file with its hash: a changed, removed or added file is refused."""
    assert MANIFEST.read_text("utf-8") == manifest()


def test_sets_are_sealed() -> None:
    """Writing the manifest anew does not help: each set's lines are sealed here, and none may go missing."""
    seals: dict[str, str] = {}
    for golden in SETS:
        lines = [line for line in manifest().splitlines() if f"  engine-{golden.engine}/{golden.business}." in line]
        seals[str(golden)] = sha256("\n".join(lines).encode()).hexdigest()

    assert seals == SEALS


def test_the_present_engine_has_a_set() -> None:
    """An engine that gives out quotes has golden ones of its own for each business."""
    assert sorted(golden.business for golden in SETS if golden.engine == ENGINE_VERSION) == sorted(BUSINESSES)


def test_a_changed_rulebook_is_noticed() -> None:
    """The content hash in every receipt is of exactly the stored rulebook."""
    golden = SETS[0]
    tampered = evolve(golden, rulebook_text=golden.rulebook_text.replace('"value":"1500/1"', '"value":"1501/1"', 1))

    assert tampered != golden
    assert content_hash(tampered.rulebook) != content_hash(golden.rulebook)
