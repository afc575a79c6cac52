"""The rulebook: versioned rules in a fixed pipeline, as plain values. `engine.py` evaluates them; `checks.py` refuses bad ones."""

from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen


class Stage(StrEnum):
    """The pipeline, in order. Line stages run once per item; TAX per line; ORDER_FEES and DEPOSIT once per quote."""

    BASE = "base"
    DEVICE_FACTOR = "device_factor"
    COMPLEXITY = "complexity"
    CONDITION = "condition"
    URGENCY = "urgency"
    MARKET = "market"
    SEASON = "season"
    FEES = "fees"
    DISCOUNTS = "discounts"
    FLOOR_CAP = "floor_cap"
    ROUNDING = "rounding"
    TAX = "tax"
    DEPOSIT = "deposit"


class Action(StrEnum):
    """What a rule does to the amount. Money values are in major units in the file and exact fractions of minor units here."""

    SET = "set"
    MULTIPLY = "multiply"
    ADD = "add"
    PERCENT = "percent"  # +20 raises by a fifth, -10 lowers by a tenth; in TAX and DEPOSIT a share of the amount
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ROUND_TO = "round_to"


class Per(StrEnum):
    """Whether a fee is charged on each line or once per order (then it is a line of its own)."""

    LINE = "line"
    ORDER = "order"


@frozen(kw_only=True)
class Scope:
    """When a rule applies. An empty field means any. All given fields must hold.

    Specificity, most important first: model > brand+category > category > brand > any device; then a year bound, service,
    customer type, urgency, fulfilment, channel, condition, complexity, postcode prefix (longer is more specific),
    weekday/hour/month window, amount threshold.
    """

    models: frozenset[str] = frozenset()
    brand: str = ""
    category: str = ""
    year_from: int | None = None
    year_until: int | None = None  # inclusive
    services: frozenset[str] = frozenset()
    customer_types: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    fulfilments: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    complexities: frozenset[str] = frozenset()
    postcode_prefixes: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()  # 0 is Monday
    hour_from: int | None = None  # local hour, inclusive
    hour_until: int | None = None  # exclusive
    months: frozenset[int] = frozenset()  # 1 is January
    amount_from: int | None = None  # minor units: for DEPOSIT the total, for other stages the running amount; inclusive
    amount_until: int | None = None  # exclusive


@frozen(kw_only=True)
class Rule:
    """One rule. `value` is a factor, a percentage, or an amount in minor units, exactly. `source` says where a figure comes from."""

    id: str
    stage: Stage
    action: Action
    value: Fraction
    scope: Scope = Scope()
    reason: str = ""  # the sentence shown to the customer and in the explanation
    label: str = ""  # the name of the line or tax it produces: "VAT", "Pickup and delivery"
    stacks: bool = False
    per: Per = Per.LINE
    inclusive: bool = False  # TAX: already contained in the amount
    refundable: bool = True  # DEPOSIT
    source: str = ""
    place: str = ""  # file and line, for error messages; not part of the rulebook's content


@frozen(kw_only=True)
class Rulebook:
    """An immutable set of rules. `version` names it for people; `content_hash` (sha256 of the canonical form) fixes its content."""

    version: str
    currency: str
    rules: tuple[Rule, ...]
    effective_from: datetime
    effective_until: datetime | None = None
    validity: dict[str, int] = field(factory=dict)  # urgency → seconds a quote is held; "" is the default
    timezone: str = "UTC"
