"""Promotion codes: found, parted into usable and not, with the reason; never told to who does not know them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.promotions import Promotion, RefusedCode, Used, asked, known_again, usable
from repaircore.domain.pricing.receipt import facts_from_json, facts_to_json, rulebook_from_json, rulebook_to_json
from tests.unit.pricing.shop import NOON, REVIVA, REVIVA_CATALOGUE, facts, quote

SAVE15 = Promotion(code="SAVE15", stackable=True)
WELCOME20 = Promotion(code="WELCOME20", first_order=True)
SUMMER = Promotion(code="SUMMER2024", uses=1000, starts=NOON, ends=NOON + timedelta(days=90))
KNOWN = {each.code: each for each in (SAVE15, WELCOME20, SUMMER)}
RUNS = settings(max_examples=200, deadline=None, database=None, derandomize=True)


def test_codes_are_found_as_people_type_them() -> None:
    """Without case and spaces around; twice is once."""
    assert asked((" save15", "SAVE15", "Welcome20 "), KNOWN) == (SAVE15, WELCOME20)


def test_unknown_codes_tell_nothing() -> None:
    """A near miss is refused like any other: nobody learns codes by guessing."""
    with pytest.raises(InvalidValue) as refused:
        asked(("SAVE15", "SAVE16"), KNOWN)

    assert refused.value.pointer == "/promo_codes/1"
    assert str(refused.value) == "'SAVE16' is not a promotion of this business"


@pytest.mark.parametrize(
    ("promotion", "used", "minutes", "why"),
    [
        (SUMMER, Used(total=999), 0, ""),
        (SUMMER, Used(), -1, "is not valid yet"),
        (SUMMER, Used(), 90 * 24 * 60, "is no longer valid"),
        (SUMMER, Used(total=1000), 0, "has been used as often as it may be"),
        (WELCOME20, Used(ordered_before=True), 0, "is for a first order"),
        (WELCOME20, Used(by_customer=1), 0, "was used as often as one customer may"),
        (Promotion(code="TWICE", per_customer=2), Used(by_customer=1), 0, ""),
        (Promotion(code="TWICE", per_customer=2), Used(by_customer=2), 0, "was used as often as one customer may"),
    ],
)
def test_limits(promotion: Promotion, used: Used, minutes: int, why: str) -> None:
    """Each limit has its reason; the bounds of time are inclusive and exclusive."""
    assert promotion.refusal(used, NOON + timedelta(minutes=minutes)) == why


def test_codes_that_do_not_stack() -> None:
    """The first code is taken; one that does not stack leaves no room for others, nor takes any."""
    more = Promotion(code="MORE", stackable=True)

    assert usable((SAVE15, more, SUMMER), {}, NOON) == (
        ("SAVE15", "MORE"),
        (RefusedCode(code="SUMMER2024", why="cannot be combined with SAVE15"),),
    )
    assert usable((SUMMER, SAVE15), {}, NOON)[0] == ("SUMMER2024",)


def test_a_quote_is_made_without_what_cannot_be_used() -> None:
    """And says why; both are part of its facts."""
    book = evolve(REVIVA, promotions=tuple(evolve(each, ends=NOON) for each in KNOWN.values()))

    made = quote(book, REVIVA_CATALOGUE, "iphone-13-pro", "screen", promo_codes=("save15",))

    assert made.facts.promo_codes == ()
    assert made.facts.refused_codes == (RefusedCode(code="SAVE15", why="is no longer valid"),)
    assert facts_from_json(facts_to_json(made.facts)) == made.facts
    assert "refused_codes" not in facts_to_json(facts())


def test_promotions_are_part_of_the_rulebook() -> None:
    """Stored and read back exactly; a rulebook without any is written as it always was."""
    book = evolve(REVIVA, promotions=tuple(KNOWN.values()))

    assert rulebook_from_json(rulebook_to_json(book)) == book
    assert "promotions" not in rulebook_to_json(REVIVA)


def test_customers_are_known_again() -> None:
    """However they write their address."""
    assert known_again("Ann@Example.com", "+442079460018") == known_again("ann@example.com", "+442079460018")
    assert not known_again("", "").is_known


Parting = Callable[..., tuple[tuple[str, ...], tuple[RefusedCode, ...]]]
WANTED = st.lists(
    st.builds(
        Promotion,
        code=st.sampled_from(["A", "B", "C", "D"]),
        uses=st.sampled_from([None, 1, 3]),
        stackable=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda promotion: promotion.code,
)
USES = st.dictionaries(st.sampled_from(["A", "B", "C"]), st.builds(Used, total=st.integers(0, 4)))


def codes_are_parted(part: Parting) -> None:
    """Every code is either used or refused; none beyond its limit; several only where all of them stack."""

    @RUNS
    @given(WANTED, USES)
    def law(wanted: list[Promotion], used: dict[str, Used]) -> None:
        accepted, refused = part(wanted, used, NOON)
        assert sorted((*accepted, *(each.code for each in refused))) == sorted(each.code for each in wanted)
        taken = [each for each in wanted if each.code in accepted]
        assert all(not each.refusal(used.get(each.code, Used()), NOON) for each in taken)
        assert len(taken) <= 1 or all(each.stackable for each in taken)
        assert bool(taken) == any(not each.refusal(used.get(each.code, Used()), NOON) for each in wanted)

    law()


def test_codes_are_parted() -> None:
    """Whatever is asked for."""
    codes_are_parted(usable)


def test_careless_parting_is_noticed() -> None:
    """Taking what stacks with what does not breaks the law."""

    def careless(wanted: list[Promotion], used: dict[str, Used], at: object) -> object:
        taken = [each for each in wanted if not each.refusal(used.get(each.code, Used()), NOON)]
        rest = [RefusedCode(code=each.code, why="no") for each in wanted if each not in taken]
        return tuple(each.code for each in taken), tuple(rest)

    with pytest.raises(AssertionError):
        codes_are_parted(careless)  # type: ignore[arg-type]
