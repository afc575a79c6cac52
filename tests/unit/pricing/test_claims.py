"""What a customer may say of themselves, and what only the shop may say."""

from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.rules import Rulebook
from tests.unit.pricing.shop import NOON, REVIVA, REVIVA_CATALOGUE

BOOK = evolve(
    REVIVA,
    vocabulary={
        "customer_types": frozenset({"student", "business"}),
        "tiers": frozenset({"gold"}),
        "places": frozenset({"GB", "FR"}),
        "grades": frozenset({"oem", "premium"}),
        "warranties": frozenset({"standard", "extended"}),
    },
    self_declared=frozenset({"student"}),
)


def asked(*items: Wanted, book: Rulebook = BOOK, **given: Any) -> Facts:
    """The facts of a quote that somebody asks for."""
    wanted = items or (Wanted(service_id="screen"),)
    request = QuoteRequest(device_id="iphone-13-pro", items=wanted, **given)
    return make_quote(request, catalogue=REVIVA_CATALOGUE, rulebook=book, id=QuoteId("qt_1"), at=NOON).facts


@pytest.mark.parametrize(
    ("claim", "pointer"),
    [
        ({"customer_type": "business"}, "/customer_type"),
        ({"tier": "gold"}, "/tier"),
        ({"tax_status": "reverse_charge"}, "/tax_status"),
        ({"first_order": True}, "/first_order"),
        ({"referred": True}, "/referred"),
    ],
)
def test_a_claim_needs_the_shops_word(claim: dict[str, Any], pointer: str) -> None:
    """A guest is refused, with a pointer; staff and the customer's record are believed."""
    with pytest.raises(InvalidValue) as refused:
        asked(**claim)
    assert refused.value.pointer == pointer

    [(name, value)] = claim.items()
    assert getattr(asked(**claim, vouched=True), name) == value


def test_what_the_shop_leaves_to_the_customer() -> None:
    """A student says so, and where; nobody has to vouch."""
    facts = asked(customer_type="student", place="FR")

    assert (facts.customer_type, facts.place) == ("student", "FR")


def test_a_competitors_price() -> None:
    """It is for staff to have seen, in our currency."""
    seen = Wanted(service_id="screen", competitor_price=Money(14000, "GBP"))

    assert asked(seen, vouched=True).items[0].competitor_price == 14000
    with pytest.raises(InvalidValue, match="for the shop to confirm"):
        asked(seen)
    with pytest.raises(InvalidValue, match="an amount in GBP"):
        asked(evolve(seen, competitor_price=Money(14000, "EUR")), vouched=True)


@pytest.mark.parametrize(
    ("item", "pointer", "says"),
    [
        (Wanted(service_id="screen", grade="premum"), "/items/0/grade", "did you mean 'premium'"),
        (Wanted(service_id="screen", warranty="extend"), "/items/0/warranty", "did you mean 'extended'"),
    ],
)
def test_words_of_an_item(item: Wanted, pointer: str, says: str) -> None:
    """Grades and warranties are those of the shop."""
    with pytest.raises(InvalidValue, match=says) as refused:
        asked(item)

    assert refused.value.pointer == pointer


def test_a_shop_without_grades() -> None:
    """Where the rulebook knows no grades, none is asked for."""
    with pytest.raises(InvalidValue, match="does not price by grade"):
        asked(Wanted(service_id="screen", grade="oem"), book=REVIVA)
