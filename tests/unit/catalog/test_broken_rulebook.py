"""Whatever is wrong with the rulebook or a price sheet, the owner is told where and what to do, all at once."""

from pathlib import Path

import pytest

from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import HEAD, RULE, load_rulebook, write_shop

TABLE = """
[[tables]]
id = "condition"
stage = "condition"
by = "condition"
multiply = { good = 1, poor = 1.2 }
"""


def rule(**fields: str) -> str:
    """Write a rule on the lines 7, 8, … after the head: one line for each field."""
    fields = {"id": '"it"', "stage": '"urgency"', **fields}
    return HEAD + "\n[[rules]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)


CASES: list[tuple[str, list[str]]] = [
    (rule(stage='"urgancy"', add="1"), ["9: stage: no stage 'urgancy'; did you mean 'urgency'?"]),
    (HEAD + TABLE.replace('stage = "condition"', 'stage = "condtion"'), [
        "9: stage: no stage 'condtion'; did you mean 'condition'?"
    ]),
    (rule(id="", add="1"), ["7: id: is missing"]),
    (rule(id='"No id"', add="1"), [
        "8: id: 'No id' is not an id: use small letters, digits and hyphens, such as 'urgent' or 'season/summer'"
    ]),
    (rule(multiplye="1"), [
        "10: multiplye: is not a known field; did you mean 'multiply'?",
        "7: says nothing to do: give one of set, multiply, add, percent, minimum, maximum, round_to, match; did you mean 'multiply'?",
    ]),
    (rule(), ["7: says nothing to do: give one of set, multiply, add, percent, minimum, maximum, round_to, match"]),
    (rule(multiply="1", add="2"), ["11: add: a rule does one thing, but this one says multiply and add"]),
    (rule(set="2"), ["10: set: is nothing that stage urgency can do: it takes multiply or add or percent"]),
    (rule(multiply='"x"'), ["10: multiply: 'x' is not a number: write it like 150 or 12.50"]),
    (rule(multiply="nan"), ["10: multiply: 'nan' is not a number: write it like 150 or 12.50"]),
    (rule(multiply="1e9"), ["10: multiply: '1e9' is not a number: write it like 150 or 12.50"]),
    (rule(multiply="true"), ["10: multiply: True is not a number: write it like 150 or 12.50"]),
    (rule(multiply="-1"), ["10: multiply: -1 is negative: a factor is 0 or more"]),
    (rule(stage='"base"', set="-1"), ["10: set: -1 is negative: an amount is 0 or more"]),
    (rule(add="12.345"), ["10: add: '12.345' has 3 decimals; GBP has 2"]),
    (rule(stage='"rounding"', round_to="0"), ["10: round_to: cannot round to nothing: 1 rounds to whole units, 0.05 to five hundredths"]),
    (rule(stage='"fees"', add="1", per='"oder"'), ["11: per: no way to charge 'oder'; did you mean 'order'?"]),
    (rule(add="1", stacks='"perhaps"'), ["11: stacks: 'perhaps' is neither yes nor no"]),
    (rule(add="1", reason="5"), ["11: reason: 5 is not a text: write it in quotation marks"]),
    (rule(add="1", when="5"), ["11: when: is not a table: write when = { urgency = 'urgent' }"]),
    (rule(add="1", when='{ category = "iphon" }'), ["11: when.category: no category 'iphon'; did you mean 'iphone'?"]),
    (rule(add="1", when='{ brand = ["Aple", "Acme"] }'), ["11: when.brand: no brand 'Aple'; did you mean 'Apple'?"]),
    (rule(add="1", when='{ device = "iphone-13-por" }'), [
        "11: when.device: no device 'iphone-13-por'; did you mean 'iphone-13-pro'?"
    ]),
    (rule(add="1", when='{ service = "scren" }'), ["11: when.service: no service 'scren'; did you mean 'screen'?"]),
    (rule(add="1", when='{ urgency = "urgant" }'), ["11: when.urgency: no urgency 'urgant'; did you mean 'urgent'?"]),
    (rule(add="1", when='{ urgencies = "urgent" }'), [
        "11: when.urgencies: is not a known field; did you mean 'urgency'?"
    ]),
    (rule(add="1", when='{ weekday = "sunnyday" }'), ["11: when.weekday: no weekday 'sunnyday'; did you mean 'sunday'?"]),
    (rule(add="1", when="{ month = 13 }"), ["11: when.month: no month '13'"]),
    (rule(add="1", when='{ hours = "9 to 5" }'), [
        "11: when.hours: '9 to 5' is not a window of hours: write it like '9-17', from 0 to 24"
    ]),
    (rule(add="1", when='{ postcode_prefix = "6?" }'), [
        "11: when.postcode_prefix: '6?' is not the beginning of a postcode: use letters and digits, such as '606' or 'SW1'"
    ]),
    (rule(add="1", when="{ year_from = 2024, year_until = 2020 }"), ["11: when.year_until: ends before it begins"]),
    (rule(add="1", when="{ amount_from = 1.005 }"), ["11: when.amount_from: '1.005' has 3 decimals; GBP has 2"]),
    (HEAD + "[[rules]]\nid = 'a'\nstage = 'urgency'\nadd = 1\n[rules.when]\nurgency = 'urgent'\nbrand = 'Aple'\n", [
        "12: when.brand: no brand 'Aple'; did you mean 'Apple'?"
    ]),
    (rule(add="1", when='{ expression = "total_quantiti >= 2" }'), [
        "11: when.expression: there is no fact 'total_quantiti'; did you mean 'total_quantity'?"
    ]),
    (rule(add="1", when='{ expression = "urgency >= 2" }'), [
        "11: when.expression: 'urgency >= 2' compares or computes with what does not go together"
    ]),
    (rule(add="1", when="""{ expression = "total_quantity == 'two'" }"""), [
        "11: when.expression: cannot compare total_quantity (number) with two (text) by =="
    ]),
    (rule(add="1", when='{ expression = "total_quantity" }'), [
        "11: when.expression: 'total_quantity' is neither true nor false: compare it with something"
    ]),
    (rule(add="1", when='{ expression = "total_quantity >= 2 and" }'), [
        "11: when.expression: 'total_quantity >= 2 and' is not a condition: syntax error at: EOF"
    ]),
    (rule(add="1", when="""{ expression = "device =~ '(a+)+'" }"""), [
        "11: when.expression: a condition has facts, figures with + - * /, comparisons, in, and, or, not; nothing else"
    ]),
    (rule(add="1", when="{ quantity_from = 5, quantity_until = 2 }"), ["11: when.quantity_until: ends before it begins"]),
    (rule(add="1", when='{ date_from = "2025-12-24" }'), [
        "11: when.date_from: '2025-12-24' is not a date: write it without quotation marks, like 2025-12-24"
    ]),
    (rule(add="1", when="{ market = { demand = 40 } }"), [
        "11: when.market.demand: has no bounds: write demand = { at_least = 11 } or { below = 40 }"
    ]),
    (rule(add="1", when='{ line_kind = "labor" }'), ["11: when.line_kind: no line kind 'labor'; did you mean 'labour'?"]),
    (rule(add="1", limit="-5"), ["11: limit: -5 is negative: an amount is 0 or more"]),
    (rule(add="1", valid_from="2026-02-01", valid_until="2026-01-01"), ["12: valid_until: ends before it begins"]),
    (HEAD + "[groups]\nloyal = 'best'\n", ["7: loyal: no way to stack 'best'; did you mean 'best_of'?"]),
    (HEAD + "[market]\nat_least = 30\n", ["7: at_least: 30 is not a percentage to lower a price by: write it like -30"]),
    (HEAD + "tax_rounding = 'documents'\n", ["6: tax_rounding: no way to round 'documents'; did you mean 'document'?"]),
    (HEAD + RULE + RULE, ["13: id: 'urgent' stands already at rulebook.toml:7"]),
    (HEAD + TABLE.replace('by = "condition"\n', ""), ["7: by: is missing"]),
    (HEAD + TABLE.replace('by = "condition"', 'by = "conditon"'), [
        "10: by: no condition 'conditon'; did you mean 'condition'?"
    ]),
    (HEAD + TABLE.replace("{ good = 1, poor = 1.2 }", "1"), [
        "11: multiply: is not a table: write multiply = { word = value, … }"
    ]),
    (HEAD + TABLE.replace("1.2", "'much'"), ["11: multiply.poor: 'much' is not a number: write it like 150 or 12.50"]),
    (HEAD + TABLE + 'when = { condition = "good" }\n', ["12: when.condition: is already what the table goes by"]),
    (HEAD + TABLE.replace("condition", "urgency"), [
        "11: when.urgency: no urgency 'good'",
        "11: when.urgency: no urgency 'poor'",
    ]),
    (HEAD + '[vocabulary]\nconditions = ["good", "por"]\n' + TABLE, ["13: when.condition: no condition 'poor'; did you mean 'por'?"]),
    (HEAD + "[vocabulary]\ncondition = ['good']\n", ["7: condition: is not a known field; did you mean 'conditions'?"]),
    (HEAD + "[validity]\ndefault = '1 week'\nurgant = '2h'\n", [
        "7: default: '1 week' is not a time span: write it like '30m', '2h' or '1d'",
        "8: urgant: is not a known field; did you mean 'urgent'?",
    ]),
    (HEAD.replace("GBP", "Pounds"), [
        "2: currency: 'Pounds' is not an ISO 4217 currency code; write three capital letters, such as GBP",
    ]),
    (HEAD.replace("Europe/London", "Europe/Londinium"), [
        "3: timezone: no time zone 'Europe/Londinium': write it like 'Europe/London'",
    ]),
    (HEAD.replace("2025-01-01", '"2025-01-01"'), [
        "4: effective_from: '2025-01-01' is not a date: write it without quotation marks, like 2025-01-01",
    ]),
    (HEAD.replace('version = "1"\n', ""), ["1: version: is missing"]),
    (HEAD + "versoin = '2'\n", ["6: versoin: is not a known field; did you mean 'version'?"]),
    (HEAD + "rules = 5\n", ["6: rules: is not a list of tables: begin each with [[rules]]"]),
    (HEAD + "validity = 5\n", ["6: validity: is not a table: begin it with [validity]"]),
    (HEAD + "[[rules]\n", ["6: is not TOML: Expected ']]' at the end of an array declaration"]),
    (HEAD + 'extra = "no end\n', ["6: is not TOML: Illegal character '\\n'"]),
    (HEAD + "extra = ", ["6: is not TOML: Invalid value"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), CASES)
def test_a_fault_in_the_rulebook_is_told_by_line_and_field(tmp_path: Path, content: str, expected: list[str]) -> None:
    """The line is the one on which the value stands, also inside tables."""
    shop = write_shop(tmp_path, {"rulebook.toml": content})

    with pytest.raises(FileProblems) as refused:
        load_rulebook(shop)

    assert sorted(str(refused.value).splitlines()) == sorted(f"rulebook.toml:{line}" for line in expected)


PRICE_CASES: list[tuple[str, list[str]]] = [
    ("service,price\nscren,150\n", ["2: service: no service 'scren'; did you mean 'screen'?"]),
    ("service,price\nscreen,-5\n", ["2: price: '-5' is negative: an amount is 0 or more"]),
    ("service,price\nscreen,£150\n", ["2: price: '£150' is not a number: write it like 150 or 12.50"]),
    ("service,price\nscreen,\"1,500\"\n", ["2: price: '1,500' is not a number: write it like 150 or 12.50"]),
    ("service,price\nscreen,12.345\n", ["2: price: '12.345' has 3 decimals; GBP has 2"]),
    ("service,price\nscreen,\n", ["2: price: is missing"]),
    ("service,price\nscreen,150\nbattery,80\nscreen,140\n", ["4: id: 'price/screen' stands already at prices.csv:2"]),
    ("service,price,modle\nscreen,150,x\n", ["1: modle: is not a known column"]),
    ("service,price,device\nscreen,150,iphone-13\n", ["2: device: no device 'iphone-13'; did you mean 'iphone-13-pro'?"]),
    ("service,price,brand\nscreen,150,Aple\n", ["2: brand: no brand 'Aple'; did you mean 'Apple'?"]),
    ("price\n150\n", ["1: service: this column is missing"]),
    ("device,screen,batery\niphone-13-pro,1,2\n", ["1: batery: is not a known column; did you mean 'battery'?"]),
    ("device,screen\niphone-13-pro,1\niphone-13-pro,2\n", ["3: device: 'iphone-13-pro' stands already on line 2"]),
    ("device,screen\niphone-31-pro,1\n", ["2: device: no device 'iphone-31-pro'; did you mean 'iphone-13-pro'?"]),
    ("device,screen\niphone-13-pro,1.234\n", ["2: screen: '1.234' has 3 decimals; GBP has 2"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), PRICE_CASES)
def test_a_fault_in_a_price_sheet_is_told_by_line_and_field(tmp_path: Path, content: str, expected: list[str]) -> None:
    """Long sheets and wide ones alike."""
    shop = write_shop(tmp_path, {"prices.csv": content})

    with pytest.raises(FileProblems) as refused:
        load_rulebook(shop)

    assert str(refused.value).splitlines() == [f"prices.csv:{line}" for line in expected]


def test_a_missing_price_sheet_is_named(tmp_path: Path) -> None:
    """The rulebook names its price sheets; each has to be there."""
    shop = write_shop(tmp_path, {"prices.csv": None})

    with pytest.raises(FileProblems, match=r"prices\.csv: there is no such file"):
        load_rulebook(shop)


def test_faults_of_rules_and_prices_are_told_at_once(tmp_path: Path) -> None:
    """Nobody repairs one fault to be told of the next."""
    shop = write_shop(
        tmp_path, {"prices.csv": "service,price\nscren,-1\n", "rulebook.toml": rule(stage='"x"', add="1")}
    )

    with pytest.raises(FileProblems) as refused:
        load_rulebook(shop)

    assert [(finding.file, finding.line, finding.field) for finding in refused.value.findings] == [
        ("prices.csv", 2, "price"),
        ("prices.csv", 2, "service"),
        ("rulebook.toml", 9, "stage"),
    ]


def test_lines_are_right_after_texts_of_several_lines(tmp_path: Path) -> None:
    """What looks like a table or a key inside a long text is only text."""
    long = rule(add="1", reason='"""\n[[rules]]\nadd = 5\n"""', label="7")
    shop = write_shop(tmp_path, {"rulebook.toml": long})

    with pytest.raises(FileProblems) as refused:
        load_rulebook(shop)

    assert str(refused.value) == "rulebook.toml:15: label: 7 is not a text: write it in quotation marks"
