"""Costs of suppliers' parts in the rules: which count, what they replace, and the version that they make."""

from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money
from repaircore.domain.pricing.checks import check
from repaircore.domain.pricing.costing import with_costs
from repaircore.domain.pricing.facts import DeviceFacts, Item
from repaircore.domain.pricing.receipt import content_hash, rulebook_from_json, rulebook_to_json
from repaircore.domain.pricing.rules import Rulebook
from tests.unit.pricing.shop import catalogue, facts, rule, rulebook, unit

RUNS = settings(max_examples=60, deadline=None, database=None, derandomize=True)
PHONES = [Device(f"phone-{n}", "Apple", f"Phone {n}", "phone") for n in range(3)]
OFFER = catalogue(PHONES, "screen", "battery")
WORK = rule("work", "labour set", 6750)
FROM_FILE = rule("parts/phone-0/screen", "parts set", 9000, models={"phone-0"}, services={"screen"})
MARK_UP = rule("mark-up", "parts percent", 40, least=1000)
GRADES = [
    rule(name, "parts multiply", factor, grades={name})
    for name, factor in {"oem": "1.3", "premium": "1.2", "refurbished": "0.7"}.items()
]
BOOK = evolve(rulebook(WORK, FROM_FILE, MARK_UP, *GRADES), version="2026-1", supplier_costs=True)


def part(number: str, pence: int, *, supplier: str = "acme", phone: int = 0, grade: str = "", **other: str) -> Part:
    """A supplier's part for the screen of a phone."""
    return Part(
        supplier=supplier,
        number=number,
        device=f"phone-{phone}",
        service=other.get("service", "screen"),
        grade=grade,
        cost=Money(pence, "GBP"),
        as_of=date(2026, 5, 1),
    )


def stocked(*parts: Part) -> Catalogue:
    """The catalogue with those parts."""
    return evolve(OFFER, parts={each.key: each for each in parts})


def screen(book: Rulebook, grade: str = "", phone: int = 0) -> int:
    """What a screen comes to, in minor units."""
    device = DeviceFacts(id=f"phone-{phone}", name="Phone", brand="Apple", category="phone")
    return unit(book, facts(device=device, items=(Item(service_id="screen", name="Screen", grade=grade),)))


def test_a_list_takes_the_place_of_the_file() -> None:
    """£50 with 40 % on it instead of £90; other phones are as they were."""
    costed = with_costs(BOOK, stocked(part("a1", 5000)))

    assert (screen(BOOK), screen(costed)) == (6750 + 12600, 6750 + 7000)
    assert check(costed, OFFER) == check(BOOK, OFFER)


@pytest.mark.parametrize(
    ("grade", "pence", "price"),
    [("oem", 5000, 9100), ("premium", 5000, 8400), ("refurbished", 5000, 4900), ("", 1000, 2000), ("", 5000, 7000)],
)
def test_mark_ups_work_on_costs(grade: str, pence: int, price: int) -> None:
    """OEM × 1.3, premium × 1.2, refurbished × 0.7; then 40 %, at least £10."""
    assert screen(with_costs(BOOK, stocked(part("a1", pence, grade=grade))), grade) == 6750 + price


def test_the_cheapest_part_counts() -> None:
    """Of two suppliers' parts for one use; of two at one price the same one whatever their order."""
    parts = [part("a1", 5000), part("b7", 4800, supplier="bolt"), part("a2", 4800)]

    assert screen(with_costs(BOOK, stocked(*parts))) == 6750 + 6720
    assert with_costs(BOOK, stocked(*parts)) == with_costs(BOOK, stocked(*reversed(parts)))


def test_work_priced_as_a_whole_stays() -> None:
    """Its price has the parts in it: they are not charged a second time."""
    whole = evolve(BOOK, rules=(rule("price", "base set", 20000, models={"phone-1"}, services={"screen"}), *BOOK.rules))
    costed = with_costs(whole, stocked(part("a1", 5000, phone=1), part("a2", 5000)))

    assert screen(costed, phone=1) == screen(whole, phone=1) == 26750
    assert screen(costed) == 13750


def test_versions_are_named_after_both() -> None:
    """The same costs are the same version with the same content; others are another; who does not ask keeps his own."""
    one, same, other = [with_costs(BOOK, stocked(part("a1", pence))) for pence in (5000, 5000, 5001)]

    assert one.version.startswith("2026-1+costs-")
    assert (one.version, content_hash(one)) == (same.version, content_hash(same))
    assert one.version != other.version
    assert with_costs(one, stocked(part("a1", 1))) is one
    assert with_costs(evolve(BOOK, supplier_costs=False), stocked(part("a1", 1))).version == "2026-1"
    assert with_costs(BOOK, OFFER) is BOOK
    assert rulebook_from_json(rulebook_to_json(one)) == one
    assert "supplier_costs" not in rulebook_to_json(one)


PARTS = st.lists(
    st.builds(
        part,
        st.sampled_from("abcde"),
        st.integers(0, 20000),
        supplier=st.sampled_from(("acme", "bolt")),
        phone=st.integers(0, 2),
        grade=st.sampled_from(("", "oem")),
    ),
    max_size=6,
)


def a_dearer_part_is_no_cheaper(make: Callable[[Rulebook, Catalogue], Rulebook]) -> None:
    """Whatever is listed: no price falls when a cost rises, and a rulebook with costs is as sound as it was without."""

    @RUNS
    @given(PARTS)
    def law(parts: list[Part]) -> None:
        offer = stocked(*parts)
        dearer = stocked(*(evolve(each, cost=each.cost + Money(100, "GBP")) for each in offer.parts.values()))
        before, after = make(BOOK, offer), make(BOOK, dearer)

        assert {each.code for each in check(before, OFFER)} <= {each.code for each in check(BOOK, OFFER)}
        for each in offer.parts.values():
            grade, phone = each.grade, int(each.device[-1])
            assert screen(before, grade, phone) <= screen(after, grade, phone)
            assert (
                screen(before, grade, phone)
                <= 6750 + max(each.cost.amount * 182, each.cost.amount * 130 + 100000) // 100 + 1
            )

    law()


def test_a_dearer_part_is_no_cheaper() -> None:
    """With the costs as they are put in."""
    a_dearer_part_is_no_cheaper(with_costs)


def test_costs_beside_the_file_are_noticed() -> None:
    """The law can fail: a cost that does not take the place of the file's leaves two for one use."""

    def beside(book: Rulebook, offer: Catalogue) -> Rulebook:
        costed = with_costs(book, offer)
        return evolve(costed, rules=(*costed.rules, FROM_FILE))

    with pytest.raises(AssertionError):
        a_dearer_part_is_no_cheaper(beside)
