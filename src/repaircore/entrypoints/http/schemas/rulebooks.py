"""Rulebooks, as JSON: drafts, publications, what was found in one, what a change does."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from repaircore.domain.money import Money
from repaircore.domain.pricing import publications
from repaircore.domain.pricing.problems import Problem, Severity
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.review import changes
from repaircore.domain.pricing.review import difference as differences
from repaircore.domain.pricing.review import simulation as simulations
from repaircore.domain.pricing.rules import Rulebook
from repaircore.entrypoints.http.schemas.words import Body, Moment, View

Text = Annotated[str, Meta(max_length=500)]
SheetName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,90}\.csv$")]


class NewRulebook(Body):
    """A rulebook as its files: the TOML, and the price sheets that it names, by their names."""

    toml: Annotated[str, Meta(min_length=1)]
    sheets: dict[SheetName, str] = msgspec.field(default_factory=dict)


class NewPublication(Body):
    """From when, and why. Without a moment: as the rulebook says, or now."""

    effective_from: Moment | None = None
    note: Text = ""


class Sample(Body):
    """How many of the quotes given out last."""

    last: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class RulebookSummary(View):
    """A rulebook, without its rules. `id` is a draft's id, or the version of a published one."""

    id: str
    version: str
    currency: str
    rules: int
    effective_from: Moment
    content_hash: str


class Publication(View):
    """One act of putting a version into force. `rolls_back` names the version that it took out of force."""

    number: int
    version: str
    effective_from: Moment
    published_at: Moment
    approver: str
    note: str
    rolls_back: str
    in_force: bool


class Publications(View):
    """What was published, newest first."""

    items: list[Publication]
    next_cursor: str | None


class FoundProblem(View):
    """Something wrong, or worth a look."""

    severity: Severity
    code: str
    message: str
    rules: list[str]
    places: list[str]


class Inspection(View):
    """Everything found. `ok` when nothing keeps it from being published."""

    ok: bool
    problems: list[FoundProblem]


class ChangedField(View):
    """One field, as it is written before and after; empty is not given."""

    field: str
    before: str
    after: str


class ChangedRule(View):
    """What happened to one rule."""

    rule_id: str
    kind: changes.Kind
    place: str
    fields: list[ChangedField]


class ChangedPrice(View):
    """One price that changes, in words as `text`. null is not offered; `deposit`: the amounts are of the deposit."""

    service: str
    devices: list[str]
    when: str
    before: Money | None
    after: Money | None
    deposit: bool
    text: str


class Difference(View):
    """Two rulebooks compared. `complete` is false where `left` situations were not priced, because there are too many."""

    settings: list[ChangedField]
    rules: list[ChangedRule]
    prices: list[ChangedPrice]
    complete: bool
    left: int


class Sums(View):
    """How many, how many of them pay more or less, and what they paid and would pay, in minor units."""

    count: int
    more: int
    less: int
    before: int
    after: int


class Case(View):
    """One quote whose price changes, in minor units."""

    id: str
    before: int
    after: int


class Bar(View):
    """How many prices change by so many percent: from here to five more; 0 is no change."""

    percent: int
    count: int


class Simulation(View):
    """What a rulebook would have meant for real quotes."""

    currency: str
    total: Sums
    not_offered: int
    segments: dict[str, dict[str, Sums]]
    rules: dict[str, Sums]
    dearest: list[Case]
    cheapest: list[Case]
    histogram: list[Bar]


def summary(id: str, rulebook: Rulebook) -> RulebookSummary:
    """Show a rulebook without its rules."""
    return RulebookSummary(
        id=id,
        version=rulebook.version,
        currency=rulebook.currency,
        rules=len(rulebook.rules),
        effective_from=rulebook.effective_from,
        content_hash=content_hash(rulebook),
    )


def publication(held: publications.Publication, current: publications.Publication | None) -> Publication:
    """Show a publication."""
    return Publication(
        number=held.number,
        version=held.version,
        effective_from=held.effective_from,
        published_at=held.published_at,
        approver=held.approver,
        note=held.note,
        rolls_back=held.rolls_back,
        in_force=held == current,
    )


def inspection(problems: Sequence[Problem]) -> Inspection:
    """Show what was found."""
    found = [
        FoundProblem(
            severity=each.severity,
            code=each.code,
            message=each.message,
            rules=list(each.rules),
            places=list(each.places),
        )
        for each in problems
    ]
    return Inspection(ok=all(each.severity is not Severity.ERROR for each in problems), problems=found)


def difference(found: differences.Difference) -> Difference:
    """Show two rulebooks compared."""
    return Difference(
        settings=[_field(each) for each in found.changes.settings],
        rules=[
            ChangedRule(
                rule_id=each.rule_id, kind=each.kind, place=each.place, fields=[_field(one) for one in each.fields]
            )
            for each in found.changes.rules
        ],
        prices=[
            ChangedPrice(
                service=each.service,
                devices=list(each.devices),
                when=each.when,
                before=each.before,
                after=each.after,
                deposit=each.deposit,
                text=str(each),
            )
            for each in found.prices
        ],
        complete=found.complete,
        left=found.left,
    )


def _field(change: changes.FieldChange) -> ChangedField:
    return ChangedField(field=change.field, before=change.before, after=change.after)


def simulation(found: simulations.Simulation) -> Simulation:
    """Show what came of a simulation."""
    return Simulation(
        currency=found.currency,
        total=_sums(found.total),
        not_offered=found.not_offered,
        segments={kind: _all(sums) for kind, sums in found.segments.items()},
        rules=_all(found.rules),
        dearest=[_case(each) for each in found.dearest],
        cheapest=[_case(each) for each in found.cheapest],
        histogram=[Bar(percent=percent, count=count) for percent, count in found.histogram.items()],
    )


def _all(sums: Mapping[str, simulations.Sums]) -> dict[str, Sums]:
    return {word: _sums(each) for word, each in sums.items()}


def _sums(sums: simulations.Sums) -> Sums:
    return Sums(count=sums.count, more=sums.more, less=sums.less, before=sums.before, after=sums.after)


def _case(case: simulations.Case) -> Case:
    return Case(id=case.id, before=case.before, after=case.after)
