"""The receipt: one hash over everything a price came from and everything it says, so that years later it can be proved."""

from hashlib import sha256

from repaircore.domain.pricing.answers import Answer
from repaircore.domain.pricing.canonical import facts_text, priced_text, quoted
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quote import Priced
from repaircore.domain.pricing.record import (
    canonical,
    encoded,
    facts_from_json,
    facts_to_json,
    priced_from_json,
    priced_to_json,
    rulebook_from_json,
    rulebook_to_json,
    rulebook_to_plain,
)
from repaircore.domain.pricing.rules import Rulebook

__all__ = [
    "canonical",
    "content_hash",
    "facts_from_json",
    "facts_to_json",
    "priced_from_json",
    "priced_to_json",
    "receipt_hash",
    "rulebook_from_json",
    "rulebook_to_json",
]


def content_hash(rulebook: Rulebook) -> str:
    """Fix a rulebook's content: sha256 (hex) of its canonical form, wherever its rules were read from."""
    plain = rulebook_to_plain(rulebook)
    for rule in plain["rules"]:
        rule.pop("place", None)
    return _sha256(encoded(plain))


def receipt_hash(
    *, facts: Facts, rulebook_version: str, rulebook_hash: str, engine_version: str, priced: Priced | Answer
) -> str:
    """Hash inputs (with their market snapshot), rulebook, engine and result: sha256, hex."""
    told = priced.text if isinstance(priced, Answer) else priced_text(priced)
    receipt = (
        f'{{"engine":{quoted(engine_version)},"facts":{facts_text(facts)},"priced":{told},'
        f'"rulebook":{{"content_hash":{quoted(rulebook_hash)},"version":{quoted(rulebook_version)}}}}}'
    )
    return _sha256(receipt)


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
