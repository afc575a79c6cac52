"""The texts of explanations: English complete, other languages without strangers, a business's own first."""

from pathlib import Path

import pytest

from repaircore.adapters.pricing.texts import languages, messages, places
from repaircore.domain.errors import InvalidValue
from repaircore.domain.money import Money
from repaircore.domain.pricing.changes import By, Change
from repaircore.domain.pricing.counterfactuals import Counterfactual
from repaircore.domain.pricing.rules import Action
from repaircore.domain.pricing.whatif import sentence
from tests.unit.pricing.shop import facts

ENGLISH = messages("en")
OTHERS = [language for language in languages() if language != "en"]

YES_OR_NO = ("first_order_no", "first_order_yes", "referred_no", "referred_yes")

# What a language leaves to English. Whoever translates takes a line away; whoever adds a text to English adds one here.
GAPS = {
    "de": (),
    "fr": (
        *("counterfactual.grade", "counterfactual.warranty"),
        *(f"need.{name}" for name in ("channels", "competitor_price", "dates", "expression", "grades", "places")),
        *(f"need.{name}" for name in (*YES_OR_NO, "tax_statuses", "valid_from", "valid_until", "warranties")),
        *(f"why.{name}" for name in ("channels", "competitor_price", "dates", "expression", "grades", "places")),
        *(f"why.{name}" for name in (*YES_OR_NO, "tax_statuses", "valid_from", "valid_until", "warranties")),
    ),
}


@pytest.mark.parametrize("language", OTHERS)
def test_gaps_are_known(language: str) -> None:
    """What is told in English instead is listed, so that nobody finds out from a customer."""
    assert messages(language).gaps(ENGLISH.texts) == tuple(sorted(GAPS[language]))


@pytest.mark.parametrize("language", OTHERS)
def test_no_strangers(language: str) -> None:
    """Other languages have no text that English lacks, but for words; and fill in nothing else."""
    for key, text in messages(language).texts.items():
        assert key in ENGLISH.texts or key.startswith("words.")
        assert places(text) <= places(ENGLISH.texts.get(key, ""))


def test_a_gap_is_told_in_english() -> None:
    """Rather English than nothing."""
    assert messages("fr").say("need.referred_yes") == "a referral"


def test_every_action_has_words() -> None:
    """In the complete language, whatever a rule does can be said."""
    for action in Action:
        signs = ("_more", "_less") if action in (Action.ADD, Action.PERCENT) else ("",)
        assert all(ENGLISH.has(f"rule.{action}{sign}") for sign in signs)


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [("GBP", 123456789, "1.234.567,89 GBP"), ("JPY", 1500, "1.500 JPY"), ("KWD", -1, "-0,001 KWD")],
)
def test_money(currency: str, amount: int, written: str) -> None:
    """With the currency's digits and the language's signs."""
    assert messages("de").money(Money(amount, currency)) == written


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

    assert sentence(one, messages("fr"), {"screen": "Écran"}).endswith("GBP : 0,50 GBP de moins.")


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
