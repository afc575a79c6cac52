"""Whatever is changed in a stored quote is found, and named where one hash can tell."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve, fields

from repaircore.domain.actors import Actor, Role
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import ENGINE_VERSION, compile_rulebook
from repaircore.domain.pricing.facts import Facts, Item, MarketSnapshot
from repaircore.domain.pricing.overrides import AgreedPrice, Override
from repaircore.domain.pricing.promotions import RefusedCode
from repaircore.domain.pricing.quote import Priced, Quote
from repaircore.domain.pricing.quoting import hold
from repaircore.domain.pricing.verifying import ENGINES, rulebook_missing, verify
from tests.unit.pricing.shop import NOON, REVIVA, device, facts, reviva_quote, rule, rulebook

QUOTE = reviva_quote("iphone-13-pro", "screen", "battery", urgency="urgent", fulfilment="pickup")
PENNY = Money(1, "GBP")

Tampering = Callable[[Quote], Quote]


def result(**changes: Any) -> Tampering:
    """Change the stored result."""
    return lambda quote: evolve(quote, priced=evolve(quote.priced, **changes))


def line(**changes: Any) -> Tampering:
    """Change the second line of the stored result."""
    one, two, *rest = QUOTE.priced.lines
    return result(lines=(one, evolve(two, **changes), *rest))


def inputs(**changes: Any) -> Tampering:
    """Change the stored facts."""
    return lambda quote: evolve(quote, facts=evolve(quote.facts, **changes))


def stored(**changes: Any) -> Tampering:
    """Change the quote beside its facts and its result."""
    return lambda quote: evolve(quote, **changes)


@pytest.mark.parametrize(
    ("tampering", "differs"),
    [
        (line(amount=PENNY), ("lines/1",)),
        (line(description="Another repair"), ("lines/1",)),
        (line(code="screen"), ("lines/1",)),
        (line(quantity=2), ("lines/1",)),
        (line(unit=PENNY), ("lines/1",)),
        (result(lines=QUOTE.priced.lines[:1]), ("lines",)),
        (result(subtotal=PENNY), ("subtotal",)),
        (result(taxes=(evolve(QUOTE.priced.taxes[0], rate=Fraction(19)),)), ("taxes/0",)),
        (result(taxes=()), ("taxes",)),
        (result(total=QUOTE.priced.total - PENNY, deposit=PENNY), ("total", "deposit")),
        (result(deposit_refundable=False), ("deposit_refundable",)),
        (stored(valid_until=QUOTE.valid_until + timedelta(days=1)), ("valid_until",)),
        (stored(created_at=QUOTE.created_at - timedelta(days=1)), ("valid_until",)),
        (stored(engine_version="0"), ("engine_version",)),
        (stored(receipt_hash="0" * 64), ("inputs",)),
        (inputs(urgency="standard"), ("inputs", "lines/0", "lines/1", "subtotal", "taxes/0", "total", "deposit")),
        (inputs(device=evolve(QUOTE.facts.device, name="Another phone")), ("inputs",)),
        (inputs(items=(*QUOTE.facts.items, Item(service_id="paint", name="Paint"))), ("inputs",)),
    ],
)
def test_tampering_is_named(tampering: Tampering, differs: tuple[str, ...]) -> None:
    """A changed result is told part by part; a changed input, rulebook or receipt as `inputs`."""
    proof = verify(tampering(QUOTE), REVIVA)

    assert (proof.matches, proof.differs) == (False, differs)


AGREED = Override(
    prices=(AgreedPrice(line="screen", amount=1),),
    reason="A friend of the house",
    by=Actor(Role.STAFF, "key_staff"),
    at=QUOTE.created_at,
    expires_at=QUOTE.valid_until,
    replaces=QUOTE.id,
)
OTHER_FACTS: dict[str, Any] = {
    "device": device("other"),
    "items": QUOTE.facts.items[:1],
    "local_time": QUOTE.facts.local_time + timedelta(seconds=1),
    "promo_codes": ("SPRING",),
    "market": MarketSnapshot(id="ms_1"),
    "override": AGREED,
    "refused_codes": (RefusedCode(code="SPRING", why="is no longer valid"),),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Facts)])
def test_every_fact_counts(name: str) -> None:
    """Even one that changes no price: the receipt is over all of them."""
    present = getattr(QUOTE.facts, name)
    plainly: dict[type, Any] = {str: "else", int: 7, bool: not present, tuple: ("else",)}
    other = OTHER_FACTS.get(name, plainly.get(type(present)))

    assert not verify(inputs(**{name: other})(QUOTE), REVIVA).matches


@pytest.mark.parametrize("name", [field.name for field in fields(Priced)])
def test_every_part_of_the_result_counts(name: str) -> None:
    """A part that is left out, or another amount, is seen and named."""
    present = getattr(QUOTE.priced, name)
    other: Any = {Money: PENNY, tuple: (), bool: not present}[type(present)]

    assert name in verify(result(**{name: other})(QUOTE), REVIVA).differs


def test_an_untouched_quote() -> None:
    """Nothing differs."""
    assert verify(QUOTE, REVIVA).differs == ()


def test_an_agreed_price() -> None:
    """It recomputes from what was agreed, and is held until then and no longer."""
    asked = evolve(QUOTE.facts, override=AGREED)
    agreed = hold(compile_rulebook(REVIVA), asked, id=QUOTE.id, at=QUOTE.created_at, until=AGREED.expires_at)

    assert verify(agreed, REVIVA).differs == ()
    assert verify(evolve(agreed, valid_until=NOON), REVIVA).differs == ("valid_until",)


def test_every_engine_is_known() -> None:
    """The present engine is one of those that can recompute."""
    assert ENGINE_VERSION in ENGINES


def test_an_unknown_engine_recomputes_nothing() -> None:
    """A quote of an engine that is not there proves nothing, whatever its receipt says."""
    proof = verify(evolve(QUOTE, engine_version="99", receipt_hash="0" * 64), REVIVA)

    assert (proof.matches, proof.recomputed_hash, proof.differs) == (False, "", ("engine_version",))


def test_another_rulebook_version_is_traced() -> None:
    """When the receipt comes from another published rulebook, the stored version is what was changed."""
    next_year = evolve(REVIVA, version="2", rules=(evolve(REVIVA.rules[0], value=Fraction(16000)), *REVIVA.rules[1:]))

    proof = verify(evolve(QUOTE, rulebook_version="2"), next_year, others=[next_year, REVIVA])

    assert proof.differs[0] == "rulebook_version"


def test_a_rulebook_that_was_never_published() -> None:
    """There is nothing to recompute with."""
    assert rulebook_missing(QUOTE).differs == ("rulebook_version",)


def test_a_rulebook_that_cannot_price_it() -> None:
    """A service without a price: no match, and no error."""
    proof = verify(QUOTE, rulebook(rule("b", "base set", 1, services={"battery"})))

    assert (proof.matches, proof.recomputed_hash, proof.differs) == (False, "", ("inputs",))


def test_facts_of_another_quote() -> None:
    """A whole other set of inputs is found as well."""
    assert not verify(evolve(QUOTE, facts=facts()), REVIVA).matches
