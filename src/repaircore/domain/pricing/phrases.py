"""The parts of sentences about rules: what one does, what it asks for, and what a quote has instead."""

import re
from collections.abc import Mapping

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.matching import Unmet
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.rules import Action, Rule
from repaircore.domain.pricing.warranties import Term
from repaircore.domain.pricing.wording import rounded

Names = Mapping[str, str]  # what services and devices are called, by id

_ABBREVIATED = 3  # letters of a month or a weekday, as files write it
_YES_OR_NO = ("first_order", "referred")
_AMOUNTS = ("amount_from", "amount_until")
_WINDOWS = ("years", "quantity", "dates")
_AS_WRITTEN = ("years", "postcode_prefixes", "quantity", "dates", "valid_from", "valid_until", "expression")


def named(rule: Rule, messages: Messages) -> str:
    """Name a rule as the shop does: in the customer's language where there is a text for it, else by its label."""
    return _translated(rule, messages) or _readable(rule, rule.label or rule.reason, messages) or rule.id


def reason(rule: Rule, messages: Messages, currency: str) -> str:
    """Say why a rule changed an amount: in the shop's words, or by what it does."""
    return _translated(rule, messages) or _readable(rule, rule.reason, messages) or _does(rule, messages, currency)


def _translated(rule: Rule, messages: Messages) -> str:
    """Look for the rule's own text, then for the text of the table that it is a row of, with the row's word filled in."""
    table, _, row = rule.id.rpartition("/")
    for key in (f"rules.{rule.id}", f"rules.{table}"):
        if messages.has(key):
            return messages.say(key, key=_row(rule, messages) or messages.word(row))
    return ""


def _readable(rule: Rule, text: str, messages: Messages) -> str:
    """Write the month or the weekday that a table's row is for in full: the file says `nov`, people say November."""
    row, said = rule.id.rpartition("/")[2], _row(rule, messages)
    return re.sub(rf"\b{re.escape(row)}\b", lambda _: said, text) if said else text


def _row(rule: Rule, messages: Messages) -> str:
    """Name the row of a table by month or weekday; nothing for other rules."""
    table, _, row = rule.id.rpartition("/")
    if not table or len(row) != _ABBREVIATED:
        return ""
    named = [messages.month(month) for month in rule.scope.months]
    named += [messages.weekday(day) for day in rule.scope.weekdays]
    return named[0] if len(named) == 1 else ""


def lasting(term: Term, messages: Messages) -> str:
    """Say how long a warranty lasts."""
    key = f"warranty.{term.unit}" if term.count != 1 else f"warranty.one_{term.unit.removesuffix('s')}"
    return messages.say(key if term.count else "warranty.none", count=str(term.count))


def why_not(unmet: Unmet, messages: Messages, currency: str, names: Names) -> str:
    """Say what a rule asks for and what the quote has."""
    key = f"why.{_kind(unmet, messages)}"
    given = _said(unmet.condition, unmet.given, messages, currency, names)
    return messages.say(key, allowed=_allowed(unmet, messages, currency, names), given=given)


def needed(unmet: Unmet, messages: Messages, currency: str, names: Names) -> str:
    """Say what would have to be otherwise."""
    key = f"need.{_kind(unmet, messages)}"
    return messages.say(key, allowed=_allowed(unmet, messages, currency, names))


def _kind(unmet: Unmet, messages: Messages) -> str:
    """How busy the shop is, is its own affair: of all figures, whatever they are called, one thing is told. What is yes or no is
    told apart."""
    if unmet.condition in _YES_OR_NO:
        return f"{unmet.condition}_{unmet.allowed[0]}"
    return unmet.condition if messages.has(f"why.{unmet.condition}") else "market"


def _allowed(unmet: Unmet, messages: Messages, currency: str, names: Names) -> str:
    if unmet.condition in _WINDOWS:
        start, end = unmet.allowed
        return _window(unmet.condition, start, end, messages)
    said = [_said(unmet.condition, word, messages, currency, names) for word in unmet.allowed]
    return "–".join(said) if unmet.condition == "hours" else messages.any_of(said)


def _window(condition: str, start: str, end: str, messages: Messages) -> str:
    if condition == "quantity":
        start = start or "1"
        key = "between" if end else "or_more"
    else:
        key = "between" if start and end else "from" if start else "until"
    return messages.say(f"format.{key}", start=start, end=end)


def _said(condition: str, word: str, messages: Messages, currency: str, names: Names) -> str:
    if condition in _AMOUNTS:
        return messages.money(Money(int(word), currency))
    if condition == "weekdays":
        return messages.weekday(int(word))
    if condition == "months":
        return messages.month(int(word))
    if condition == "hours" or (condition in _AS_WRITTEN and word):
        return word
    return names.get(word) or messages.word(word)


def _does(rule: Rule, messages: Messages, currency: str) -> str:
    amount = messages.money(rounded(abs(rule.value), currency))
    figure = messages.number(exact_text(abs(rule.value)))
    key = f"rule.{rule.action}"
    if rule.action in (Action.ADD, Action.PERCENT):
        key += "_more" if rule.value >= 0 else "_less"
    return messages.say(key, amount=amount, value=figure)
