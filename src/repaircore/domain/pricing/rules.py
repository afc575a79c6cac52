"""The rulebook: versioned rules in a fixed pipeline, as plain values. `engine.py` evaluates them; `checks.py` refuses bad ones."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen

from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.loyalty import Threshold
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.overrides import OverrideLimits
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.warranties import WarrantyTerms


class Stage(StrEnum):
    """The pipeline, in order. Line stages run once per item; TAX per line; fees and discounts per order and DEPOSIT once per
    quote. BASE, LABOUR and PARTS add up to what the later stages work on."""

    BASE = "base"
    LABOUR = "labour"
    PARTS = "parts"
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
    MATCH = "match"  # at most the competitor's price, that percentage changed: -5 beats it by a twentieth


_FACTORS = frozenset({Action.MULTIPLY, Action.ADD, Action.PERCENT})

LEGAL_ACTIONS: Mapping[Stage, frozenset[Action]] = {
    Stage.BASE: frozenset({Action.SET}),
    Stage.LABOUR: _FACTORS | {Action.SET},
    Stage.PARTS: _FACTORS | {Action.SET},
    Stage.DEVICE_FACTOR: _FACTORS,
    Stage.COMPLEXITY: _FACTORS,
    Stage.CONDITION: _FACTORS,
    Stage.URGENCY: _FACTORS,
    Stage.MARKET: _FACTORS,
    Stage.SEASON: _FACTORS,
    Stage.FEES: frozenset({Action.ADD, Action.PERCENT}),
    Stage.DISCOUNTS: _FACTORS | {Action.MATCH},
    Stage.FLOOR_CAP: frozenset({Action.MINIMUM, Action.MAXIMUM}),
    Stage.ROUNDING: frozenset({Action.ROUND_TO}),
    Stage.TAX: frozenset({Action.PERCENT}),
    Stage.DEPOSIT: frozenset({Action.SET, Action.PERCENT, Action.MINIMUM, Action.MAXIMUM}),
}

COMPONENTS = (Stage.LABOUR, Stage.PARTS)
_BOUNDS = (Action.MINIMUM, Action.MAXIMUM)
_PER_ORDER = " per order"

USUAL_WORDS: Mapping[str, frozenset[str]] = {
    "urgencies": frozenset({"low", "standard", "high", "urgent", "emergency"}),
    "fulfilments": frozenset({"in_store", "postal", "pickup", "mobile"}),
    "tax_statuses": frozenset({"exempt", "reverse_charge"}),
}


# The parts of a line or order that a tax may be for. A line priced as a whole is `repair`; fees name their own kind.
LINE_KINDS = ("repair", "labour", "parts", "delivery", "fee")


class Per(StrEnum):
    """Whether a fee or discount is for each line or once per order (then it is a line of its own)."""

    LINE = "line"
    ORDER = "order"


class TaxRounding(StrEnum):
    """Whether each line's tax is rounded, or only the sum over the document."""

    LINE = "line"
    DOCUMENT = "document"


class GroupMode(StrEnum):
    """How the discounts of one group stack. The order of the rules in a group never matters.

    Of `best_of` the one that lowers the most applies; of `exclusive` too, and then nothing outside the group does, as far as
    its `Reach`; of `sequential` all apply, factors first, then amounts. Groups come after the discounts without one, in the
    rulebook's `group_order`; those that it does not name follow by name.
    """

    BEST_OF = "best_of"
    EXCLUSIVE = "exclusive"
    SEQUENTIAL = "sequential"


class Reach(StrEnum):
    """What an exclusive discount shuts others out of: the line or the order that it is on, each for itself, or all of the
    quote. Of exclusive ones that shut out each other the quote takes those that come to the lowest total."""

    EACH = "each"
    QUOTE = "quote"


@frozen
class MarketBound:
    """A market figure within bounds: `at_least` is inclusive, `below` is not. A figure that nobody reported is in none."""

    figure: str
    at_least: int | None = None
    below: int | None = None

    def holds(self, figures: Mapping[str, int]) -> bool:
        """Whether the reported figure is within the bounds."""
        value = figures.get(self.figure)
        return (
            value is not None
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
        )


@frozen(kw_only=True)
class Scope:
    """When a rule applies. An empty field means any. All given fields must hold.

    Specificity, most important first: model > brand+category > category > brand > any device; then a year bound, service,
    customer type, urgency, fulfilment, channel, condition, complexity, tier, tax status, place, postcode prefix (longer is
    more specific), dates before weekday/hour/month window, amount threshold; then promo code, first order, referral,
    quantity, part grade, warranty, line kind, market, expression. Hours may run over midnight (22 until 6). What is
    counted (years, quantities, dates) includes its end; hours, amounts and market figures exclude it.
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
    tiers: frozenset[str] = frozenset()
    promo_codes: frozenset[str] = frozenset()  # one of the quote's codes is among them
    first_order: bool | None = None
    referred: bool | None = None
    quantity_from: int | None = None  # how many devices need the same service
    quantity_until: int | None = None  # inclusive
    date_from: date | None = None  # local dates
    date_until: date | None = None  # inclusive
    grades: frozenset[str] = frozenset()  # of the parts: oem, premium, refurbished, aftermarket
    warranties: frozenset[str] = frozenset()
    tax_statuses: frozenset[str] = frozenset()  # exempt, reverse_charge
    line_kinds: frozenset[str] = frozenset()  # TAX only: some of LINE_KINDS
    places: frozenset[str] = frozenset()  # a country or another jurisdiction
    market: tuple[MarketBound, ...] = ()  # all must hold
    expression: Expression | None = None


@frozen(kw_only=True)
class Rule:
    """One rule. `value` is a factor, a percentage, or an amount in minor units, exactly. `source` says where a figure comes
    from and `as_of` when it was true. `limit` and `least` bound the change that it makes to one line or order."""

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
    as_of: date | None = None
    limit: int | None = None  # the largest change, up or down, in minor units
    least: int | None = None  # the smallest change, in minor units
    group: str = ""  # DISCOUNTS: the stacking group
    kind: str = ""  # FEES per order: one of LINE_KINDS, for the taxes
    cost: int | None = None  # LABOUR that is set: what the work costs the shop, in minor units
    valid_from: date | None = None  # local dates; outside of them the rule is not there
    valid_until: date | None = None  # inclusive
    place: str = ""  # file and line, for error messages; not part of the rulebook's content

    @property
    def contest(self) -> str:
        """Name what the rule competes in: its stage, apart per order, in a group, for each bound (minimum, maximum), and for
        each action on labour and parts."""
        if self.group:
            return f"{self.stage} in groups{_PER_ORDER if self.per is Per.ORDER else ''}"
        if self.per is Per.ORDER:
            return f"{self.stage}{_PER_ORDER}"
        if self.action in _BOUNDS or self.stage in COMPONENTS:
            return f"{self.stage} {self.action}"
        return str(self.stage)

    @property
    def relieves(self) -> bool:
        """Whether it takes a contained tax out of the price: nothing is due for such customers, and prices include it."""
        return self.inclusive and self.value == 0 and bool(self.scope.tax_statuses)


@frozen(kw_only=True)
class Rulebook:
    """An immutable set of rules. `version` names it for people; `content_hash` (sha256 of the canonical form) fixes its content.

    `market_most` and `market_least` bound the whole MARKET stage, in percent (50, -30). `self_declared` are the customer
    types that a guest may claim; others are for staff or the customer's record to say. `groups` are in the order in which
    they apply; `exclusive_reach` says how far the exclusive ones reach, each line and the order for itself in rulebooks from
    before there was a choice. `relief_rounding` says how relief from contained taxes is rounded, apart from the taxes
    themselves.
    """

    version: str
    currency: str
    rules: tuple[Rule, ...]
    effective_from: datetime
    effective_until: datetime | None = None
    validity: dict[str, int] = field(factory=dict)  # urgency → seconds a quote is held; "" is the default
    timezone: str = "UTC"
    vocabulary: Mapping[str, frozenset[str]] = field(factory=dict)  # scope field → the words a request may use
    groups: Mapping[str, GroupMode] = field(factory=dict)
    market_most: Fraction | None = None
    market_least: Fraction | None = None
    tax_rounding: TaxRounding = TaxRounding.LINE
    self_declared: frozenset[str] = frozenset()
    promotions: tuple[Promotion, ...] = ()
    overrides: OverrideLimits = field(factory=OverrideLimits)
    margins: Margins | None = None
    loyalty: tuple[Threshold, ...] = ()  # from the lowest tier to the highest
    supplier_costs: bool = False  # parts cost what suppliers' approved lists say
    group_order: tuple[str, ...] = ()
    relief_rounding: TaxRounding = TaxRounding.LINE
    warranty: WarrantyTerms | None = None
    exclusive_reach: Reach = Reach.EACH

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "groups", _in_order(self.groups, self.group_order))

    def words(self, dimension: str) -> frozenset[str]:
        """Answer the words a request may use: those declared, else the usual ones, else those that the rules mention."""
        known = self.vocabulary.get(dimension) or USUAL_WORDS.get(dimension)
        return known or frozenset(word for rule in self.rules for word in getattr(rule.scope, dimension))


def _in_order(groups: Mapping[str, GroupMode], order: Sequence[str]) -> dict[str, GroupMode]:
    """Sort the groups: those that the order names, then the others by name."""
    turns = {name: turn for turn, name in enumerate(order)}
    return {name: groups[name] for name in sorted(groups, key=lambda name: (turns.get(name, len(turns)), name))}
