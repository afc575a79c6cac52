"""Explanations of prices, as JSON: sentences for the customer's page, and every rule for the staff's table."""

from attrs import frozen

from repaircore.application.pricing.explained import Explained
from repaircore.domain.money import Money
from repaircore.domain.pricing import breakdown
from repaircore.domain.pricing.changes import By
from repaircore.domain.pricing.explain import Considered, Figure
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.quote import LineKind
from repaircore.domain.pricing.rules import Stage
from repaircore.domain.pricing.warranties import Unit
from repaircore.entrypoints.http.schemas.prices import percent
from repaircore.entrypoints.http.schemas.words import View


class Amount(View):
    """Money as it was inside the calculation: rounded for people, and exact in minor units."""

    amount: int
    currency: str
    exact: str


class ConsideredRule(View):
    """One rule held against one line (empty: the order). When it did not fire, `why` is the first condition that failed."""

    rule_id: str
    stage: Stage
    line: str
    fired: bool
    before: Amount
    after: Amount
    why: str


class Step(View):
    """What one rule did to the price of one."""

    rule_id: str
    change: Money
    after: Money
    why: str


class Warranty(View):
    """For how long a line's work is stood by; 0 is not at all."""

    count: int
    unit: Unit


class ExplainedLine(View):
    """One line of the quote: how it came about in a sentence, and rule by rule. `warranty` is null where nothing is said of it."""

    code: str
    description: str
    kind: LineKind
    quantity: int
    unit: Money
    amount: Money
    sentence: str
    steps: list[Step]
    warranty: Warranty | None


class ExplainedTax(View):
    """One tax, and how it is charged. `rate` is in percent, as text, because it is exact."""

    name: str
    rate: str
    inclusive: bool
    amount: Money
    sentence: str


class ExplainedDeposit(View):
    """What is due in advance; also when nothing is."""

    amount: Money
    refundable: bool
    sentence: str


class NotApplied(View):
    """A discount that the customer might expect: why it did not apply, and what it would need."""

    rule_id: str
    name: str
    sentence: str
    needs: list[str]


class Counterfactual(View):
    """A nearest change of one input that would have changed the total, the nearest first.

    `input` is the field of a new request and `value` what it would hold; `line` is the item's service where it is a field
    of an item. `by` says whether the customer can ask for it, or staff find it out. `difference` is below zero when it saves.
    """

    input: str
    value: str
    line: str
    by: By
    total: Money
    difference: Money
    sentence: str


class Explanation(View):
    """How a price came about. Sentences are in `language` and hold no markup; `rules` is for staff, in English, and leaves out
    those for other devices and services: there are `rules_elsewhere` of them."""

    quote_id: str
    rulebook_version: str
    engine_version: str
    language: str
    total: Money
    summary: str
    lines: list[ExplainedLine]
    taxes: list[ExplainedTax]
    deposit: ExplainedDeposit
    not_applied: list[NotApplied]
    counterfactuals: list[Counterfactual]
    rules: list[ConsideredRule]
    rules_elsewhere: int


@frozen(kw_only=True)
class RuleFilter:
    """Which of the rules are listed: everything that is given must fit."""

    stage: Stage | None = None
    line: str | None = None
    fired: bool | None = None

    def keeps(self, rule: Considered) -> bool:
        """Whether the rule is listed."""
        return (
            self.stage in (None, rule.stage)
            and self.line in (None, rule.line)
            and (self.fired is None or self.fired is rule.fired)
        )


EVERY_RULE = RuleFilter()


def explanation(explained: Explained, messages: Messages, listed: RuleFilter = EVERY_RULE) -> Explanation:
    """Show how a price came about."""
    quote, told = explained.quote, explained.told(messages)
    return Explanation(
        quote_id=quote.id,
        rulebook_version=quote.rulebook_version,
        engine_version=quote.engine_version,
        language=told.language,
        total=quote.priced.total,
        summary=told.summary,
        lines=[_line(line) for line in told.lines],
        taxes=[_tax(tax) for tax in told.taxes],
        deposit=ExplainedDeposit(
            amount=told.deposit.amount, refundable=told.deposit.refundable, sentence=told.deposit.sentence
        ),
        not_applied=[
            NotApplied(rule_id=one.rule_id, name=one.name, sentence=one.sentence, needs=list(one.needs))
            for one in told.not_applied
        ],
        counterfactuals=[_counterfactual(one) for one in told.counterfactuals],
        rules=[considered(rule) for rule in explained.rules if listed.keeps(rule)],
        rules_elsewhere=explained.elsewhere,
    )


def considered(rule: Considered) -> ConsideredRule:
    """Show one rule of an explanation."""
    return ConsideredRule(
        rule_id=rule.rule_id,
        stage=rule.stage,
        line=rule.line,
        fired=rule.fired,
        before=_amount(rule.before),
        after=_amount(rule.after),
        why=rule.why,
    )


def _line(told: breakdown.LineTold) -> ExplainedLine:
    line = told.line
    return ExplainedLine(
        code=line.code,
        description=line.description,
        kind=line.kind,
        quantity=line.quantity,
        unit=line.unit,
        amount=line.amount,
        sentence=told.sentence,
        steps=[Step(rule_id=step.rule_id, change=step.change, after=step.after, why=step.why) for step in told.steps],
        warranty=None if told.warranty is None else Warranty(count=told.warranty.count, unit=told.warranty.unit),
    )


def _tax(told: breakdown.TaxTold) -> ExplainedTax:
    tax = told.tax
    rate = percent(tax.rate.numerator, tax.rate.denominator)
    return ExplainedTax(name=tax.name, rate=rate, inclusive=tax.inclusive, amount=tax.amount, sentence=told.sentence)


def _counterfactual(told: breakdown.CounterfactualTold) -> Counterfactual:
    one, change = told.counterfactual, told.counterfactual.change
    return Counterfactual(
        input=change.input,
        value=change.value,
        line=change.line,
        by=change.by,
        total=one.total,
        difference=one.difference,
        sentence=told.sentence,
    )


def _amount(figure: Figure) -> Amount:
    return Amount(amount=figure.money.amount, currency=figure.money.currency, exact=figure.exact)
