"""A price as a page tells it: a summary, a sentence per line, the taxes, the deposit, what did not apply, and what would change it."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.counterfactuals import Counterfactual
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.explain import MARKET_CAP, Considered
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.phrases import Names, lasting, named, needed, reason, why_not
from repaircore.domain.pricing.quote import Line, Quote, TaxTotal
from repaircore.domain.pricing.rules import Rule, Rulebook, Stage
from repaircore.domain.pricing.warranties import Term, WarrantyTerms
from repaircore.domain.pricing.whatif import sentence
from repaircore.domain.pricing.whynot import NotApplied, not_applied

_AFTERWARDS = (Stage.TAX, Stage.DEPOSIT)
_TOLD = 20  # discounts that did not apply, at most


@frozen(kw_only=True)
class Step:
    """What one rule did to the price of one."""

    rule_id: str
    change: Money
    after: Money
    why: str


@frozen(kw_only=True)
class LineTold:
    """One line of the quote, how it came about in a sentence, and rule by rule; for how long its work is stood by, where the
    rulebook says so."""

    line: Line
    sentence: str
    steps: tuple[Step, ...]
    warranty: Term | None = None


@frozen(kw_only=True)
class TaxTold:
    """One tax, and how it is charged."""

    tax: TaxTotal
    sentence: str


@frozen(kw_only=True)
class DepositTold:
    """What is due in advance; nothing is told as well."""

    amount: Money
    refundable: bool
    sentence: str


@frozen(kw_only=True)
class NotAppliedTold:
    """A discount that the customer might expect, why it did not apply, and what it would need."""

    rule_id: str
    name: str
    sentence: str
    needs: tuple[str, ...]


@frozen(kw_only=True)
class CounterfactualTold:
    """A change of one input, and what it would come to."""

    counterfactual: Counterfactual
    sentence: str


@frozen(kw_only=True)
class Breakdown:
    """A quote explained in one language. Sentences hold no markup."""

    language: str
    summary: str
    lines: tuple[LineTold, ...]
    taxes: tuple[TaxTold, ...]
    deposit: DepositTold
    not_applied: tuple[NotAppliedTold, ...]
    counterfactuals: tuple[CounterfactualTold, ...]


def breakdown(
    quote: Quote,
    rulebook: Rulebook,
    rows: Sequence[Considered],
    changes: Iterable[Counterfactual],
    messages: Messages,
) -> Breakdown:
    """Tell a quote in the language of the messages. `rows` are its explanation, `changes` its counterfactuals."""
    names = names_in(quote.facts, messages)
    teller = _Teller(quote, {rule.id: rule for rule in rulebook.rules}, rows, messages, names, rulebook.warranty)
    missed = not_applied(rulebook, quote.facts, rows)[:_TOLD]
    return Breakdown(
        language=messages.language,
        summary=teller.summary(),
        lines=tuple(teller.lines()),
        taxes=tuple(TaxTold(tax=tax, sentence=teller.tax(tax)) for tax in quote.priced.taxes),
        deposit=teller.deposit(),
        not_applied=tuple(teller.not_applied(one) for one in missed),
        counterfactuals=tuple(
            CounterfactualTold(counterfactual=one, sentence=sentence(one, messages, names, rulebook.warranty))
            for one in changes
        ),
    )


def names_in(facts: Facts, messages: Messages) -> Names:
    """Answer what the quote's services and device are called in the language."""
    names = {facts.device.id: facts.device.name}
    for item in facts.items:
        key = f"services.{item.service_id}"
        names[item.service_id] = messages.say(key) if messages.has(key) else item.name
    return names


@frozen
class _Teller:
    quote: Quote
    rules: Mapping[str, Rule]
    rows: Sequence[Considered]
    messages: Messages
    names: Names
    terms: WarrantyTerms | None

    def summary(self) -> str:
        say, money = self.messages.say, self.messages.money
        priced, facts = self.quote.priced, self.quote.facts
        services = self.messages.all_of([self.names[item.service_id] for item in facts.items])
        told = [say("summary.total", services=services, device=facts.device.name, total=money(priced.total))]
        for tax in (tax for tax in priced.taxes if tax.rate):
            key = "summary.inclusive" if tax.inclusive else "summary.exclusive"
            told.append(say(key, name=self._tax_name(tax), amount=money(tax.amount)))
        if priced.deposit:
            told.append(say("summary.deposit", amount=money(priced.deposit)))
        until = self.quote.valid_until.astimezone(facts.local_time.tzinfo)
        told.append(say("summary.held", moment=self.messages.moment(until)))
        return " ".join(told)

    def lines(self) -> Iterator[LineTold]:
        """The items' lines, each with its own rules, and then the order's."""
        own = _by_item(self.rows, self.names)
        for index, line in enumerate(self.quote.priced.lines):
            rows = own[index] if index < len(own) else ()
            steps = tuple(self._step(row) for row in rows if row.fired and row.before.money != row.after.money)
            told, term = self._line(line, steps), None
            if index < len(own):
                item = self.quote.facts.items[index]
                term = self.terms.term(item.service_id, item.warranty) if self.terms else None
                told = f"{told} {self._warranty(item.warranty, term)}".rstrip()
            yield LineTold(line=line, sentence=told, steps=steps, warranty=term)

    def _warranty(self, chosen: str, term: Term | None) -> str:
        if term is None:
            return ""
        key = "warranty.chosen" if chosen else "warranty.usual"
        return self.messages.say(key, name=self.messages.word(chosen), term=lasting(term, self.messages))

    def _line(self, line: Line, steps: Sequence[Step]) -> str:
        say, money = self.messages.say, self.messages.money
        rule = self.rules.get(line.code)
        if line.code not in self.names:
            key = "line.fee" if line.amount.amount >= 0 else "line.discount"
            name = named(rule, self.messages) if rule else line.description
            return say(key, name=name, amount=money(Money(abs(line.amount.amount), line.amount.currency)))
        name, amounts = self.names[line.code], {"unit": money(line.unit), "amount": money(line.amount)}
        key = "line.item" if line.quantity == 1 else "line.times"
        return f"{say(key, name=name, quantity=str(line.quantity), **amounts)} {self._built(steps)}".rstrip()

    def _built(self, steps: Sequence[Step]) -> str:
        if not steps:
            return ""
        start, *changed = steps
        if not changed:
            return self.messages.say("line.starts")
        told = ", ".join(self._changed(step) for step in changed)
        return self.messages.say("line.built", start=self.messages.money(start.after), steps=told)

    def _changed(self, step: Step) -> str:
        key = "step.more" if step.change.amount > 0 else "step.less"
        amount = Money(abs(step.change.amount), step.change.currency)
        return self.messages.say(key, amount=self.messages.money(amount), why=step.why)

    def _step(self, row: Considered) -> Step:
        rule = self.rules.get(row.rule_id)
        after = row.after.money
        why = reason(rule, self.messages, after.currency) if rule else row.why
        if row.rule_id == MARKET_CAP:
            why = self.messages.say("rule.market_cap")
        return Step(rule_id=row.rule_id, change=after - row.before.money, after=after, why=why)

    def tax(self, tax: TaxTotal) -> str:
        if not tax.rate:
            key = "tax.none_because" if tax.reason else "tax.none"
            return self.messages.say(key, name=self._tax_name(tax), why=tax.reason)
        key = "tax.inclusive" if tax.inclusive else "tax.exclusive"
        rate = self.messages.number(exact_text(tax.rate))
        name, amount = self._tax_name(tax), self.messages.money(tax.amount)
        return self.messages.say(key, name=name, rate=rate, amount=amount)

    def _tax_name(self, tax: TaxTotal) -> str:
        rules = (rule for rule in self.rules.values() if rule.stage is Stage.TAX and rule.label == tax.name)
        rule = next(rules, None)
        return named(rule, self.messages) if rule else tax.name

    def deposit(self) -> DepositTold:
        due, refundable = self.quote.priced.deposit, self.quote.priced.deposit_refundable
        key = "deposit.none" if not due else "deposit.due" if refundable else "deposit.kept"
        told = self.messages.say(key, amount=self.messages.money(due))
        return DepositTold(amount=due, refundable=refundable, sentence=told)

    def not_applied(self, one: NotApplied) -> NotAppliedTold:
        currency = self.quote.priced.total.currency
        told = [why_not(unmet, self.messages, currency, self.names) for unmet in one.unmet]
        needs = tuple(needed(unmet, self.messages, currency, self.names) for unmet in one.unmet)
        why = "; ".join(told) if told else self.messages.say("not_applied.no_gain")
        sentences = [self.messages.say("not_applied.because", name=named(one.rule, self.messages), why=why)]
        if needs:
            sentences.append(self.messages.say("not_applied.needs", needs=self.messages.all_of(needs)))
        return NotAppliedTold(
            rule_id=one.rule.id, name=named(one.rule, self.messages), sentence=" ".join(sentences), needs=needs
        )


def _by_item(rows: Iterable[Considered], codes: Container[str]) -> list[list[Considered]]:
    """Part the rules of lines by item: each item's hold every rule once, so that a rule seen again begins the next item."""
    parts: list[list[Considered]] = []
    seen: set[str] = set()
    line = ""
    for row in rows:
        if row.line in codes and row.stage not in _AFTERWARDS:
            if row.line != line or row.rule_id in seen:
                parts.append([])
                seen, line = set(), row.line
            seen.add(row.rule_id)
            parts[-1].append(row)
    return parts
