"""The texts of explanations: complete in every language, without strangers, a business's own first."""

from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.pricing.texts import languages, messages, places
from repaircore.domain.errors import InvalidValue
from repaircore.domain.money import Money
from repaircore.domain.pricing.changes import By, Change
from repaircore.domain.pricing.counterfactuals import Counterfactual
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation, mismatches
from repaircore.domain.pricing.phrases import needed, why_not
from repaircore.domain.pricing.rules import Action, Scope
from repaircore.domain.pricing.whatif import sentence
from tests.unit.pricing.shop import facts
from tests.unit.pricing.strategies import every_facts, scopes
from tests.unit.pricing.test_laws import LAWFUL

ENGLISH = messages("en")
ENGLISH_WORDS = {"until", "from", "to", "more", "is", "and", "for"}
OTHERS = [language for language in languages() if language != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there(language: str) -> None:
    """Nothing that a customer reads is told in English instead."""
    assert messages(language).gaps(ENGLISH.texts) == ()


def test_a_missing_text_is_noticed() -> None:
    """Without one of its texts a language has a gap, and the text is told in English."""
    french = messages("fr")
    lacking = {key: text for key, text in french.texts.items() if key != "need.referred_yes"}
    patchy = evolve(french, texts=lacking)

    assert patchy.gaps(ENGLISH.texts) == ("need.referred_yes",)
    assert patchy.say("need.referred_yes") == "a referral"


@LAWFUL
@given(scopes(most=6), every_facts(), st.sampled_from(languages()))
def test_every_condition_can_be_told(scope: Scope, asked: Facts, language: str) -> None:
    """Whatever a rule asks for has a text in every language, and no word of the English one is left in it."""
    texts = evolve(messages(language), fallback=None)
    services = [item.service_id for item in asked.items]
    situation = Situation(facts=asked, services=services, amount=Fraction(4500), currency="GBP")
    for unmet in mismatches(scope, situation):
        told = why_not(unmet, texts, "GBP", {}), needed(unmet, texts, "GBP", {})
        assert all(told)
        if language != "en":
            assert ENGLISH_WORDS.isdisjoint(" ".join(told).replace(",", "").split())


@pytest.mark.parametrize("language", OTHERS)
def test_no_strangers(language: str) -> None:
    """Other languages have no text that English lacks, but for words; and fill in nothing else."""
    for key, text in messages(language).texts.items():
        assert key in ENGLISH.texts or key.startswith("words.")
        assert places(text) <= places(ENGLISH.texts.get(key, ""))


def test_every_action_has_words() -> None:
    """In the complete language, whatever a rule does can be said."""
    for action in Action:
        signs = ("_more", "_less") if action in (Action.ADD, Action.PERCENT) else ("",)
        assert all(ENGLISH.has(f"rule.{action}{sign}") for sign in signs)


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [("GBP", 123456789, "1.234.567,89 £"), ("JPY", 1500, "1.500 JPY"), ("KWD", -1, "-0,001 KWD")],
)
def test_money(currency: str, amount: int, written: str) -> None:
    """With the currency's digits and the language's signs."""
    assert messages("de").money(Money(amount, currency)) == written


@pytest.mark.parametrize(
    ("currency", "written"),
    [
        ("GBP", "-£1,234.50"),
        ("USD", "-$1,234.50"),
        ("EUR", "-€1,234.50"),
        ("INR", "-₹1,234.50"),
        ("CHF", "-CHF 1,234.50"),
    ],
)
def test_money_as_customers_read_it(currency: str, written: str) -> None:
    """With the sign of the currency where everybody knows it, and its code otherwise."""
    assert ENGLISH.money(Money(-123450, currency)) == written


def test_many_words() -> None:
    """Of many, the first few and how many more."""
    assert ENGLISH.any_of(list("abcdefg")) == "a, b, c, d, e or 2 more"
    assert ENGLISH.all_of(["a", "b", "c"]) == "a, b and c"
    assert ENGLISH.word("very_good") == "very good"


@pytest.mark.parametrize("input", ["grade", "warranty", "tier", "complexity"])
def test_every_change_has_a_sentence(input: str) -> None:
    """Also those that few businesses price by."""
    change = Change(input=input, value="gold", by=By.STAFF, distance=1, facts=facts(), line="screen")
    one = Counterfactual(change=change, total=Money(100, "GBP"), difference=Money(-50, "GBP"))

    assert sentence(one, messages("fr"), {"screen": "Écran"}).endswith("£ : 0,50 £ de moins.")


def test_a_business_has_texts_of_its_own(tmp_path: Path) -> None:
    """They go before ours, and name its rules and services; for a table's rows there is one text."""
    (tmp_path / "de.toml").write_text(
        '[rules]\nurgency = "Eile: {key}"\n[words]\nurgent = "sehr"\n[deposit]\nnone = "Keine Anzahlung."\n', "utf-8"
    )

    texts = messages("de", tmp_path)

    assert (texts.say("deposit.none"), texts.word("urgent")) == ("Keine Anzahlung.", "sehr")
    assert texts.say("rules.urgency", key=texts.word("urgent")) == "Eile: sehr"


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('[deposit]\nnon = "x"', "deposit.non: there is no such text; did you mean 'deposit.none'?"),
        ('[deposit]\ndue = "{sum}"', "deposit.due: {sum} is not filled in here, but {amount}"),
        ('[deposit]\nnone = "{amount}"', "deposit.none: {amount} is not filled in here, but nothing"),
        ('[rules]\nvat = "{"', "rules.vat: "),
        ("[deposit", "en.toml: "),
    ],
)
def test_a_text_that_cannot_be_filled_in(tmp_path: Path, written: str, fault: str) -> None:
    """Is refused when it is read, with file and text."""
    (tmp_path / "en.toml").write_text(written, "utf-8")

    with pytest.raises(InvalidValue) as refused:
        messages("en", tmp_path)

    assert fault in str(refused.value)


def test_a_language_without_texts() -> None:
    """The nearest is named, and all of them."""
    with pytest.raises(InvalidValue, match=r"no texts in 'ge'\. .*Known: de, en, fr"):
        messages("ge")
