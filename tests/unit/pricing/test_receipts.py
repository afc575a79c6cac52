"""Receipts prove a price; what is stored gives it again, byte for byte."""

import json
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.facts import MarketSnapshot
from repaircore.domain.pricing.receipt import (
    canonical,
    content_hash,
    facts_from_json,
    facts_to_json,
    priced_from_json,
    priced_to_json,
    rulebook_from_json,
    rulebook_to_json,
)
from repaircore.domain.pricing.verifying import verify
from tests.unit.pricing.shop import NOON, REVIVA, facts, priced, reviva_quote, rule, rulebook


def test_canonical_form() -> None:
    """Sorted keys, no spaces, UTF-8, nothing escaped that need not be."""
    assert canonical({"b": [1, True, None], "a": "£ é"}) == '{"a":"£ é","b":[1,true,null]}'.encode()


@pytest.mark.parametrize("value", [1.5, {"a": [1, 2.0]}, [{"b": (0.1,)}]])
def test_no_floats(value: object) -> None:
    """A float would be written differently elsewhere, so none gets in."""
    with pytest.raises(InvalidValue, match="is a float"):
        canonical(value)


def test_market_figures_are_whole() -> None:
    """A float among the market's figures is refused when the quote is written, not discovered years later."""
    with pytest.raises(TypeError):
        facts_to_json(facts(market=MarketSnapshot(id="ms_1", figures={"queue": 1.5})))  # type: ignore[dict-item]


def test_rulebook_round_trip() -> None:
    """A stored rulebook is the same rulebook, thirds and all."""
    third = rule(
        "r", "season multiply", Fraction(1, 3), weekdays={5, 6}, place="prices.toml:3", source="§4", reason="É"
    )
    book = evolve(
        REVIVA,
        rules=(*REVIVA.rules, third),
        effective_until=datetime(2027, 1, 1, tzinfo=ZoneInfo("Europe/London")),
        validity={"": 3600},
        vocabulary={"conditions": frozenset({"good", "poor"})},
    )

    stored = rulebook_to_json(book)

    assert rulebook_from_json(stored) == book
    assert rulebook_to_json(rulebook_from_json(stored)) == stored
    assert '"value":"1/3"' in stored


def test_facts_and_result_round_trip() -> None:
    """Inputs and result come back equal, naughty text and offset included."""
    asked = facts(
        ("screen", 2),
        local_time=datetime(2026, 7, 1, 9, 30, 5, 7, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        condition="‮nasty\ud800 \x00",
        market=MarketSnapshot(id="ms_1", figures={"queue": 5}),
    )
    result = priced(rulebook(rule("b", "base set", 100), rule("t", "tax percent", "6.25", label="T")), asked)

    assert facts_from_json(facts_to_json(asked)) == asked
    assert facts_to_json(facts_from_json(facts_to_json(asked))) == facts_to_json(asked)
    assert priced_from_json(priced_to_json(result)) == result


def test_content_hash_ignores_where_rules_stand() -> None:
    """Moving a rule down a line changes no content; changing its figure does."""
    moved = evolve(REVIVA, rules=(evolve(REVIVA.rules[0], place="prices.toml:99"), *REVIVA.rules[1:]))
    dearer = evolve(REVIVA, rules=(evolve(REVIVA.rules[0], value=Fraction(15001)), *REVIVA.rules[1:]))

    assert content_hash(moved) == content_hash(REVIVA) != content_hash(dearer)


def test_receipt_is_kept_for_ever() -> None:
    """This quote's receipt was given out: engine 1 must always come to it."""
    quote = reviva_quote("iphone-13-pro", "screen", urgency="urgent")

    assert quote.receipt_hash == "e442010244577ee3caeee2aedeb1785e54d84ebd85f1799f6307155d72515188"


def test_verify_recomputes_from_what_is_stored() -> None:
    """Years later: the stored facts and the stored rulebook give the same receipt."""
    quote = reviva_quote("iphone-13-pro", "screen", "battery", fulfilment="pickup")
    stored = evolve(quote, facts=facts_from_json(facts_to_json(quote.facts)))

    verification = verify(stored, rulebook_from_json(rulebook_to_json(REVIVA)))

    assert verification.matches
    assert verification.recomputed_hash == verification.receipt_hash == quote.receipt_hash


def test_verify_finds_tampering() -> None:
    """Another rulebook, other facts or another stored result: each is seen."""
    quote = reviva_quote("iphone-13-pro", "screen")
    cheaper = evolve(REVIVA, rules=(evolve(REVIVA.rules[0], value=Fraction(14999)), *REVIVA.rules[1:]))
    renamed = evolve(quote, facts=evolve(quote.facts, local_time=NOON.replace(hour=13)))
    richer = evolve(quote, priced=evolve(quote.priced, deposit=quote.priced.total))

    found = [verify(quote, cheaper), verify(renamed, REVIVA), verify(richer, REVIVA)]

    assert [one.matches for one in found] == [False, False, False]


def test_verify_by_a_rulebook_that_cannot_price_it() -> None:
    """Without the service there is no price to compare: no match, and no error."""
    verification = verify(
        reviva_quote("iphone-13-pro", "screen"), rulebook(rule("b", "base set", 1, services={"battery"}))
    )

    assert (verification.matches, verification.recomputed_hash) == (False, "")


def test_same_moment_in_winter_and_summer() -> None:
    """The business's own clock is stored with its offset."""
    summer = reviva_quote("iphone-13-pro", "screen", at=datetime(2026, 7, 1, 12, tzinfo=UTC))

    assert json.loads(facts_to_json(summer.facts))["local_time"] == "2026-07-01T13:00:00+01:00"
