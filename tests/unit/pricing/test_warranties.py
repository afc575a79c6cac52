"""For how long the work is stood by: terms by service, times what the customer chose."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.pricing.texts import messages
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.breakdown import breakdown
from repaircore.domain.pricing.counterfactuals import counterfactuals
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.receipt import rulebook_from_json, rulebook_to_json
from repaircore.domain.pricing.rules import Rulebook
from repaircore.domain.pricing.warranties import Term, Unit, WarrantyTerms
from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import HEAD, load_rulebook, write_shop
from tests.unit.pricing.shop import NOON, REVIVA_CATALOGUE, rule, rulebook
from tests.unit.pricing.test_laws import LAWFUL

TERMS = WarrantyTerms(
    unit=Unit.MONTHS, terms={"": 6, "battery": 12}, times={"extended": Fraction(3, 2), "premium": Fraction(2)}
)
BOOK = rulebook(
    rule("base", "base set", 10000), rule("extended", "fees add", 3000, warranties={"extended"}), warranty=TERMS
)


@pytest.mark.parametrize(
    ("service", "warranty", "months"), [("screen", "", 6), ("screen", "extended", 9), ("battery", "premium", 24)]
)
def test_terms(service: str, warranty: str, months: int) -> None:
    """A service's own term or the usual one, times the customer's choice."""
    assert TERMS.term(service, warranty) == Term(months, Unit.MONTHS)


def test_nothing_is_promised() -> None:
    """Where the rulebook says nothing of a service, nothing is told."""
    assert WarrantyTerms(unit=Unit.DAYS, terms={"battery": 30}, times={}).term("screen") is None


@LAWFUL
@given(st.integers(0, 400), st.fractions(1, 3, max_denominator=8))
def test_a_longer_warranty_is_never_shorter(usual: int, times: Fraction) -> None:
    """A factor of one or more never takes anything away, and no more than a unit is given away."""
    terms = WarrantyTerms(unit=Unit.DAYS, terms={"": usual}, times={"long": times})

    term = terms.term("screen", "long")

    assert term is not None
    assert max(Fraction(usual), usual * times) <= term.count < usual * times + 1


def told(book: Rulebook, language: str, warranty: str = "") -> tuple[str, list[str]]:
    """The sentence of the first line, and those of other warranties."""
    request = QuoteRequest(device_id="iphone-13-pro", items=(Wanted(service_id="screen", warranty=warranty),))
    made = make_quote(request, catalogue=REVIVA_CATALOGUE, rulebook=book, id=QuoteId("qt_1"), at=NOON)
    compiled = compile_rulebook(book)
    changes = [one for one in counterfactuals(compiled, made.facts) if one.change.input == "warranty"]
    page = breakdown(made, book, explain(book, made.facts), changes, messages(language))
    return page.lines[0].sentence, [one.sentence for one in page.counterfactuals]


def test_it_is_told_and_priced() -> None:
    """The line says how long, and a counterfactual what another choice lasts and comes to."""
    sentence, others = told(BOOK, "en")

    assert sentence.endswith("Warranty: 6 months.")
    assert others == ["With a warranty of extended (9 months) on Screen, it would be £130.00: £30.00 more."]
    assert told(BOOK, "de", "extended")[0].endswith("9 Monate.")


def test_it_is_stored() -> None:
    """Terms are part of the rulebook's content."""
    assert rulebook_from_json(rulebook_to_json(BOOK)) == BOOK


WRITTEN = """
[vocabulary]
warranties = ["extended"]
[warranty]
"""


def test_it_is_read(tmp_path: Path) -> None:
    """In months or in days, with a default."""
    text = f"{HEAD}{WRITTEN}days = {{ default = 90 }}\ntimes = {{ extended = 1.5 }}\n"

    book = load_rulebook(write_shop(tmp_path, {"rulebook.toml": text}))

    assert book.warranty == WarrantyTerms(unit=Unit.DAYS, terms={"": 90}, times={"extended": Fraction(3, 2)})


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("days = { default = 90 }\nmonths = { default = 3 }", "give one of the two"),
        ("days = { scren = 90 }", "no service 'scren'"),
        ("days = { default = 1.5 }", "is not a term"),
        ("days = { default = 90 }\ntimes = { extendet = 2 }", "no warranty 'extendet'"),
        ("days = 90", "is not a table"),
    ],
)
def test_faults_are_named(tmp_path: Path, given: str, fault: str) -> None:
    """With file, line and the nearest name."""
    with pytest.raises(FileProblems, match=fault):
        load_rulebook(write_shop(tmp_path, {"rulebook.toml": f"{HEAD}{WRITTEN}{given}\n"}))
