"""Stored rulebooks are read and hashed where they are: as the domain reads and hashes them, and in small pieces."""

import asyncio
from collections.abc import Callable
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from repaircore.adapters.storage.rulebooks import hashing, reading
from repaircore.domain.pieces import Pieces, at_once
from repaircore.domain.pricing.receipt import content_hash, rulebook_from_json, rulebook_to_json
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope, Stage
from repaircore.ports.turns import taking_turns
from tests.unit.pricing.shop import REVIVA
from tests.unit.pricing.strategies import rulebooks

RUNS = settings(max_examples=200, deadline=None, database=None, derandomize=True)
CONTROL = settings(RUNS, phases=[Phase.generate])  # that it fails is enough; at what, nobody asks
WORDS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [',"place":"', '\\","place":"b\\\\', '"', "\\", "prices.csv:3", "Büro 7"]
)


def like_the_domain(read: Callable[[str], Rulebook], hashed: Callable[[str], str], runs: settings = RUNS) -> None:
    """Every rulebook, whatever its rules say of themselves, is read and hashed as the domain does it."""

    @runs
    @given(rulebooks(), st.lists(WORDS, min_size=10, max_size=10), st.lists(WORDS, min_size=10, max_size=10))
    def law(book: Rulebook, places: list[str], reasons: list[str]) -> None:
        told = zip(book.rules, places, reasons, strict=False)
        book = evolve(book, rules=tuple(evolve(rule, place=place, reason=reason) for rule, place, reason in told))
        stored = rulebook_to_json(book)
        assert read(stored) == rulebook_from_json(stored) == book
        assert hashed(stored) == content_hash(book)

    law()


def test_stored_rulebooks_are_read_as_they_were_written() -> None:
    """Nothing is lost, and the hash in each receipt is the same whoever computed it."""
    like_the_domain(lambda stored: at_once(reading(stored)), lambda stored: at_once(hashing(stored)))


def test_breaches_are_noticed() -> None:
    """The law fails for a reader that forgets a rule's scope, and for a hash over places as well."""
    with pytest.raises(AssertionError):
        like_the_domain(
            lambda stored: _without_scopes(at_once(reading(stored))), lambda stored: at_once(hashing(stored)), CONTROL
        )
    with pytest.raises(AssertionError):
        like_the_domain(
            rulebook_from_json, lambda stored: at_once(hashing(stored.replace('"place"', '"pla"'))), CONTROL
        )


def _without_scopes(book: Rulebook) -> Rulebook:
    return evolve(book, rules=tuple(evolve(rule, scope=Scope()) for rule in book.rules))


def _long(rules: int) -> str:
    prices = tuple(
        Rule(
            id=f"price-{number}",
            stage=Stage.BASE,
            action=Action.SET,
            value=Fraction(number),
            scope=Scope(models=frozenset({f"model-{number}"}), services=frozenset({"screen"})),
            place=f"prices.csv:{number}",
        )
        for number in range(rules)
    )
    return rulebook_to_json(evolve(REVIVA, rules=prices))


@pytest.mark.parametrize("work", [reading, hashing])
async def test_others_have_their_turn(work: Callable[[str], Pieces[object]]) -> None:
    """While a long rulebook is dealt with, whoever else is on the event loop goes on."""
    turns, done = 0, asyncio.Event()

    async def somebody() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody())
    await taking_turns(work(_long(2000)))
    done.set()
    await other

    assert turns >= 8
