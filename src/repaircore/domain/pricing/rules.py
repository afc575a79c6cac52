"""The rulebook: versioned rules in a fixed pipeline, as plain values. `engine.py` evaluates them; `checks.py` refuses bad ones."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen

from repaircore.domain.errors import NotFound


class Stage(StrEnum):
    """The pipeline, in order. Line stages run once per item; TAX per line; fees per order and DEPOSIT once per quote."""

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


_FACTORS = frozenset({Action.MULTIPLY, Action.ADD, Action.PERCENT})

LEGAL_ACTIONS: Mapping[Stage, frozenset[Action]] = {
    Stage.BASE: frozenset({Action.SET}),
    Stage.DEVICE_FACTOR: _FACTORS,
    Stage.COMPLEXITY: _FACTORS,
    Stage.CONDITION: _FACTORS,
    Stage.URGENCY: _FACTORS,
    Stage.MARKET: _FACTORS,
    Stage.SEASON: _FACTORS,
    Stage.FEES: frozenset({Action.ADD, Action.PERCENT}),
    Stage.DISCOUNTS: _FACTORS,
    Stage.FLOOR_CAP: frozenset({Action.MINIMUM, Action.MAXIMUM}),
    Stage.ROUNDING: frozenset({Action.ROUND_TO}),
    Stage.TAX: frozenset({Action.PERCENT}),
    Stage.DEPOSIT: frozenset({Action.SET, Action.PERCENT, Action.MINIMUM, Action.MAXIMUM}),
}

USUAL_WORDS: Mapping[str, frozenset[str]] = {
    "urgencies": frozenset({"low", "standard", "high", "urgent", "emergency"}),
    "fulfilments": frozenset({"in_store", "postal", "pickup", "mobile"}),
}


class Per(StrEnum):
    """Whether a fee is charged on each line or once per order (then it is a line of its own)."""

    LINE = "line"
    ORDER = "order"


@frozen(kw_only=True)
class Scope:
    """When a rule applies. An empty field means any. All given fields must hold.

    Specificity, most important first: model > brand+category > category > brand > any device; then a year bound, service,
    customer type, urgency, fulfilment, channel, condition, complexity, postcode prefix (longer is more specific),
    weekday/hour/month window, amount threshold. Hours may run over midnight (22 until 6).
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

    @property
    def contest(self) -> str:
        """Name what the rule competes in: its stage, apart for order fees, and apart for each bound (minimum, maximum)."""
        if self.per is Per.ORDER:
            return f"{self.stage} per order"
        if self.action in (Action.MINIMUM, Action.MAXIMUM):
            return f"{self.stage} {self.action}"
        return self.stage.value


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
    vocabulary: Mapping[str, frozenset[str]] = field(factory=dict)  # scope field → the words a request may use

    def is_effective(self, at: datetime) -> bool:
        """Whether the rulebook prices what is asked for at that moment (an aware time)."""
        return self.effective_from <= at and (self.effective_until is None or at < self.effective_until)

    def words(self, dimension: str) -> frozenset[str]:
        """Answer the words a request may use: those declared, else the usual ones, else those that the rules mention."""
        known = self.vocabulary.get(dimension) or USUAL_WORDS.get(dimension)
        return known or frozenset(word for rule in self.rules for word in getattr(rule.scope, dimension))


def effective(rulebooks: Iterable[Rulebook], at: datetime) -> Rulebook:
    """Choose the rulebook in force at that moment: the one that came into force last. Raises NotFound when there is none."""
    in_force = [rulebook for rulebook in rulebooks if rulebook.is_effective(at)]
    if not in_force:
        raise NotFound("rulebook in force at", at.isoformat())
    return max(in_force, key=lambda rulebook: (rulebook.effective_from, rulebook.version))
