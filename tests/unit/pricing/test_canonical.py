"""What is written directly is what the canonical form of the same data is, to the byte."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from attrs import fields
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from repaircore.domain.money import Money
from repaircore.domain.pricing import canonical
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.quote import Line, LineKind, Priced, TaxTotal
from repaircore.domain.pricing.record import facts_to_json, priced_to_json

TEXT = st.text()
USUALLY_NOT = st.one_of(st.just(""), st.just(""), TEXT)
AMOUNT = st.integers(-(10**15), 10**15).map(lambda amount: Money(amount, "GBP"))
PART = st.none() | AMOUNT

DEVICES = st.builds(
    DeviceFacts, id=TEXT, name=TEXT, brand=TEXT, category=TEXT, year=st.none() | st.integers(1990, 2100)
)
ITEMS = st.builds(
    Item,
    service_id=TEXT,
    name=TEXT,
    quantity=st.integers(1, 10**9),
    grade=USUALLY_NOT,
    warranty=USUALLY_NOT,
    competitor_price=st.sampled_from([None, None, None, 5]),
)
INPUTS = st.builds(
    Facts,
    device=DEVICES,
    items=st.lists(ITEMS, max_size=3).map(tuple),
    local_time=st.datetimes(timezones=st.timezones()),
    urgency=TEXT,
    condition=TEXT,
    complexity=TEXT,
    fulfilment=TEXT,
    channel=TEXT,
    customer_type=TEXT,
    postcode=TEXT,
    promo_codes=st.lists(TEXT, max_size=3).map(tuple),
    market=st.builds(MarketSnapshot, id=TEXT, figures=st.dictionaries(TEXT, st.integers(), max_size=3)),
    tier=USUALLY_NOT,
    tax_status=USUALLY_NOT,
    place=USUALLY_NOT,
    first_order=st.sampled_from([False, False, True]),
    referred=st.sampled_from([False, False, True]),
)
LINES = st.builds(
    Line,
    code=TEXT,
    description=TEXT,
    kind=st.sampled_from(LineKind),
    quantity=st.integers(1, 99),
    unit=AMOUNT,
    amount=AMOUNT,
    labour=PART,
    parts=PART,
    cost=PART,
    labour_cost=PART,
)
TAXES = st.builds(
    TaxTotal,
    name=TEXT,
    rate=st.fractions(0, 100, max_denominator=10**6),
    inclusive=st.booleans(),
    amount=AMOUNT,
    reason=USUALLY_NOT,
)
RESULTS = st.builds(
    Priced,
    lines=st.lists(LINES, max_size=3).map(tuple),
    subtotal=AMOUNT,
    taxes=st.lists(TAXES, max_size=3).map(tuple),
    total=AMOUNT,
    deposit=AMOUNT,
    deposit_refundable=st.booleans(),
)

RUNS = settings(max_examples=300, deadline=None, database=None, derandomize=True)
CONTROL = settings(RUNS, phases=[Phase.generate])  # that it fails is enough; at what, nobody asks


def inputs_are_canonical(write: Callable[[Facts], str], runs: settings = RUNS) -> None:
    """Whatever a customer typed, the text is the canonical one."""

    @runs
    @given(INPUTS)
    def law(asked: Facts) -> None:
        assert write(asked) == facts_to_json(asked)

    law()


def results_are_canonical(write: Callable[[Priced], str], runs: settings = RUNS) -> None:
    """Whatever a rule's label says, the text is the canonical one."""

    @runs
    @given(RESULTS)
    def law(result: Priced) -> None:
        assert write(result) == priced_to_json(result)

    law()


def test_inputs_are_written_in_canonical_form() -> None:
    """The hash of a receipt would otherwise depend on who wrote it."""
    inputs_are_canonical(canonical.facts_text)


def test_results_are_written_in_canonical_form() -> None:
    """The hash of a receipt would otherwise depend on who wrote it."""
    results_are_canonical(canonical.priced_text)


@pytest.mark.parametrize("breach", [lambda text: text.replace("\\u", "\\U"), lambda text: text.replace('","', '", "')])
def test_a_breach_is_noticed(breach: Callable[[str], str]) -> None:
    """The laws fail for a writer that escapes or spaces otherwise."""
    with pytest.raises(AssertionError):
        inputs_are_canonical(lambda asked: breach(canonical.facts_text(asked)), CONTROL)
    with pytest.raises(AssertionError):
        results_are_canonical(lambda result: breach(canonical.priced_text(result)), CONTROL)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (DeviceFacts, "id name brand category year"),
        (Item, "service_id name quantity grade warranty competitor_price"),
        (MarketSnapshot, "id figures"),
        (
            Facts,
            "device items local_time urgency condition complexity fulfilment channel customer_type postcode promo_codes market"
            " tier tax_status place first_order referred override refused_codes customer devices",
        ),
        (Line, "code description kind quantity unit amount labour parts cost labour_cost"),
        (TaxTotal, "name rate inclusive amount reason"),
        (Priced, "lines subtotal taxes total deposit deposit_refundable"),
    ],
)
def test_no_part_is_left_out(kind: type, known: str) -> None:
    """Who adds a field decides here too what becomes of it: written directly, or left to `record.py`."""
    assert {field.name for field in fields(kind)} == set(known.split())


def test_rates_are_written_as_ratios() -> None:
    """9.25 % is 37/4, never a float."""
    tax = TaxTotal(name="Sales tax", rate=Fraction("9.25"), inclusive=False, amount=Money(1, "USD"))
    nothing = Money(0, "USD")
    result = Priced(lines=(), subtotal=nothing, taxes=(tax,), total=nothing, deposit=nothing)

    assert '"rate":"37/4"' in canonical.priced_text(result)
