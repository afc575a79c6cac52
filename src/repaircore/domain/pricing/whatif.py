"""The sentence that tells what a change of input would come to."""

from datetime import datetime

from repaircore.domain.money import Money
from repaircore.domain.pricing.counterfactuals import Counterfactual
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.phrases import Names, lasting
from repaircore.domain.pricing.warranties import WarrantyTerms


def sentence(one: Counterfactual, messages: Messages, names: Names, terms: WarrantyTerms | None = None) -> str:
    """Say the change, the total it would come to, and by how much that differs; of another warranty, how long it lasts."""
    change = one.change
    value = messages.moment(datetime.fromisoformat(change.value)) if change.input == "slot_start" else change.value
    if not change.is_a_figure and change.input != "promo_codes":
        value = messages.word(value)
    term = terms.term(change.line, change.value) if terms and change.input == "warranty" else None
    if term:
        value = messages.say("warranty.named", name=value, term=lasting(term, messages))
    told = messages.say(f"counterfactual.{change.input}", value=value, line=names.get(change.line, change.line))
    amount = Money(abs(one.difference.amount), one.difference.currency)
    return messages.say(
        f"counterfactual.{one.direction}", change=told, total=messages.money(one.total), amount=messages.money(amount)
    )
