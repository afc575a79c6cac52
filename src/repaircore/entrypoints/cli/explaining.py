"""A quote's explanation for people: the customer's sentences, then the staff's table of rules."""

from repaircore.application.pricing.explained import Explained
from repaircore.domain.pricing.explain import Considered
from repaircore.domain.pricing.messages import Messages
from repaircore.entrypoints.cli.output import write_table
from repaircore.entrypoints.http.schemas.explanations import RuleFilter


def write_explanation(explained: Explained, messages: Messages, listed: RuleFilter) -> None:
    """Write it on stdout, section by section."""
    told = explained.told(messages)
    print(told.summary, end="\n\n")
    for sentence in (*(line.sentence for line in told.lines), *(tax.sentence for tax in told.taxes)):
        print(sentence)
    print(told.deposit.sentence)
    for sentences in (
        [one.sentence for one in told.not_applied],
        [one.sentence for one in told.counterfactuals],
    ):
        if sentences:
            print("", *sentences, sep="\n")
    print()
    rows = [_cells(rule) for rule in explained.rules if listed.keeps(rule)]
    write_table(("stage", "line", "rule", "before", "after", "why"), rows, empty="No rule fits.")
    if explained.elsewhere:
        print(f"{explained.elsewhere:,} rules for other devices and services are not listed.")


def _cells(rule: Considered) -> list[str]:
    return [
        rule.stage.value,
        rule.line,
        rule.rule_id,
        str(rule.before.money) if rule.fired else "",
        str(rule.after.money) if rule.fired else "",
        rule.why if rule.fired else f"not applied: {rule.why}",
    ]
