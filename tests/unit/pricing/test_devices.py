"""How many devices a quote is for: items that are the same are one, and devices are counted by what they need."""

from collections.abc import Callable, Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Device, Service
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.record import facts_from_json, facts_to_json
from repaircore.domain.pricing.verifying import verify
from tests.unit.pricing.shop import NOON, catalogue, rule, rulebook
from tests.unit.pricing.test_laws import LAWFUL

DEAL_CATALOGUE = catalogue(
    [Device("phone", "Acme", "Phone", "phone")],
    *(Service(one, one.title(), max_quantity=99) for one in ("screen", "battery")),
)
DEALS = rulebook(
    rule("screen", "base set", 10000, services={"screen"}),
    rule("battery", "base set", 5000, services={"battery"}),
    rule("oem", "season multiply", 2, grades={"oem"}),
    rule("bulk", "discounts percent", -10, quantity_from=2),
    vocabulary={"grades": frozenset({"oem"})},
)


def asked(*items: tuple[str, int] | Wanted) -> Quote:
    """A quote of those items."""
    request = QuoteRequest(device_id="phone", items=items)
    return make_quote(request, catalogue=DEAL_CATALOGUE, rulebook=DEALS, id=QuoteId("qt_1"), at=NOON)


OEM, PLAIN = Wanted(service_id="screen", grade="oem"), Wanted(service_id="screen")


@pytest.mark.parametrize(
    ("items", "lines", "devices", "total"),
    [
        ((("screen", 1), ("screen", 1)), [2], 0, 18000),
        ((("screen", 1), PLAIN, ("battery", 1)), [2, 1], 0, 18000 + 4500),
        ((OEM, PLAIN), [1, 1], 2, (20000 + 10000) * 9 // 10),
        ((OEM, PLAIN, OEM), [2, 1], 3, (40000 + 10000) * 9 // 10),
        ((("screen", 1), ("battery", 1)), [1, 1], 0, 15000),
        ((("screen", 2), ("battery", 1)), [2, 1], 0, 18000 + 4500),
    ],
)
def test_how_many_devices(
    items: tuple[tuple[str, int] | Wanted, ...], lines: list[int], devices: int, total: int
) -> None:
    """As many as need the same service, however the request says it; items that differ in nothing are one line."""
    quote = asked(*items)

    assert [line.quantity for line in quote.priced.lines] == lines
    assert quote.facts.devices == devices
    assert quote.priced.total.amount == total
    assert verify(quote, DEALS).matches
    assert facts_from_json(facts_to_json(quote.facts)) == quote.facts


def test_a_quote_from_before_devices_were_counted() -> None:
    """Its facts say nothing of devices: it recomputes by the largest quantity of one item."""
    facts = evolve(asked(OEM, PLAIN).facts, devices=0)

    assert "devices" not in facts_to_json(facts)
    assert price(compile_rulebook(DEALS), facts).total.amount == 30000


WANTED = st.lists(
    st.builds(
        Wanted,
        service_id=st.sampled_from(["screen", "battery"]),
        quantity=st.integers(1, 3),
        grade=st.sampled_from(["", "oem"]),
    ),
    min_size=1,
    max_size=5,
)
Quoting = Callable[[Sequence[Wanted]], Quote]


def saying_it_in_parts_changes_nothing(quoting: Quoting) -> None:
    """Each item said one by one comes to the same total and the same lines, in the order of first mention."""

    @LAWFUL
    @given(WANTED)
    def law(wanted: list[Wanted]) -> None:
        parts = [evolve(one, quantity=1) for one in wanted for _ in range(one.quantity)]
        assert quoting(parts).priced == quoting(wanted).priced

    law()


def test_saying_it_in_parts() -> None:
    """See the law."""
    saying_it_in_parts_changes_nothing(lambda wanted: asked(*wanted))


def test_items_that_are_not_put_together_are_noticed() -> None:
    """The law fails where every item is a line of its own."""

    def unmerged(wanted: Sequence[Wanted]) -> Quote:
        quote = asked(*wanted)
        items = tuple(evolve(item, quantity=1) for item in quote.facts.items for _ in range(item.quantity))
        items = items if len(wanted) > len(quote.facts.items) else quote.facts.items
        priced = price(compile_rulebook(DEALS), evolve(quote.facts, items=items, devices=0))
        return evolve(quote, priced=priced)

    with pytest.raises(AssertionError):
        saying_it_in_parts_changes_nothing(unmerged)
