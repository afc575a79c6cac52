"""What was answered before is answered again: as if it were priced for the first time."""

from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.pricing.answers import Answer
from repaircore.domain.pricing.canonical import priced_text
from repaircore.domain.pricing.engine import CompiledRulebook, answer, compile_rulebook
from repaircore.domain.pricing.facts import Facts, Item
from tests.unit.pricing.shop import REVIVA, device, facts

ITEMS = st.lists(
    st.builds(
        Item,
        service_id=st.sampled_from(["screen", "battery"]),
        name=st.sampled_from(["Screen", "Battery", "Akku"]),
        quantity=st.integers(1, 30),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
ASKED = st.lists(
    st.builds(
        facts,
        items=ITEMS,
        device=st.sampled_from([device("phone"), device("iphone", category="iphone", year=2024)]),
        urgency=st.sampled_from(["standard", "urgent"]),
        fulfilment=st.sampled_from(["in_store", "pickup"]),
    ),
    min_size=1,
    max_size=40,
)


def nothing_is_mixed_up(asking: Callable[[CompiledRulebook, Facts], Answer]) -> None:
    """Whatever was asked before, the answer is the one of a rulebook that nobody asked yet."""

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(ASKED)
    def law(asked: list[Facts]) -> None:
        compiled = compile_rulebook(REVIVA)
        for these in (*asked, *asked):
            found = asking(compiled, these)
            assert found.priced == answer(compile_rulebook(REVIVA), these).priced
            assert found.text == priced_text(found.priced)

    law()


def test_a_job_asked_for_before_is_priced_as_ever() -> None:
    """Services, quantities and their names each make a job of its own."""
    nothing_is_mixed_up(answer)


@pytest.mark.parametrize(
    "forgotten",
    [lambda item: evolve(item, quantity=1), lambda item: evolve(item, name="Screen")],
    ids=["quantity", "name"],
)
def test_a_breach_is_noticed(forgotten: Callable[[Item], Item]) -> None:
    """The law fails for a memory that forgets what was asked."""

    def careless(compiled: CompiledRulebook, these: Facts) -> Answer:
        return answer(compiled, evolve(these, items=tuple(map(forgotten, these.items))))

    with pytest.raises(AssertionError):
        nothing_is_mixed_up(careless)


def test_an_answer_is_shared() -> None:
    """The second customer with the same job gets the very same result, whenever they ask."""
    compiled = compile_rulebook(REVIVA)

    first, second = answer(compiled, facts()), answer(compiled, facts(local_time=facts().local_time.replace(minute=1)))

    assert first is second


def test_few_answers_are_kept() -> None:
    """Memory is bounded, whatever quantities are asked for."""
    compiled = compile_rulebook(REVIVA)

    for quantity in range(1, 200):
        answer(compiled, facts(("screen", quantity)))

    assert len(compiled.plan(facts()).answers) <= 16
