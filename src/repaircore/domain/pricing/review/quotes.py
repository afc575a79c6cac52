"""Every quote that a rulebook's rules tell apart, for one of a service: which values matter, and the facts that they come to."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from attrs import frozen

from repaircore.domain.pricing.cells import Cells
from repaircore.domain.pricing.expressions import MARKET
from repaircore.domain.pricing.facts import Facts, Item, MarketSnapshot
from repaircore.domain.pricing.review.boxes import Universe
from repaircore.domain.pricing.review.dimensions import CODE, DAY, FLAGS, HOUR, MINUTE, POSTCODE, QUANTITY, At, Sight
from repaircore.domain.pricing.review.pairs import Pair
from repaircore.domain.pricing.review.situations import USUAL, USUAL_TIME, said
from repaircore.domain.pricing.rules import Rule
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS

_WORDS = {fact: dimension for dimension, fact, _ in (*WORDS, *ITEM_WORDS)}
_USUAL: Final[Mapping[str, Any]] = {
    **{fact: USUAL[dimension] for fact, dimension in _WORDS.items()},
    **dict.fromkeys(FLAGS, False),
    POSTCODE: "",
    DAY: USUAL_TIME.date(),
    HOUR: USUAL_TIME.hour,
    MINUTE: 0,
    QUANTITY: 1,
}
_A_YEAR = timedelta(days=366)
_CALENDARS = timedelta(days=28 * 366)  # after as many years weekdays come on the same dates again


@frozen(eq=False)
class Quotes:
    """The values of each dimension that some rule tells apart, the usual one first. `dated` says that dates matter."""

    values: Mapping[str, tuple[Any, ...]]
    dated: bool

    @classmethod
    def of(cls, rules: Iterable[Rule], universe: Universe, most: int) -> "Quotes":
        """Gather them; `most` is how many of a service may be asked for."""
        rules = tuple(rules)
        sight, cells = Sight.of(rules), Cells()
        for rule in rules:
            if rule.scope.expression:
                cells.look_at(rule.scope.expression.tree)
            for bound in rule.scope.market:
                cuts = cells.cuts[MARKET + bound.figure]
                cuts.update(Fraction(each) for each in (bound.at_least, bound.below) if each is not None)
        dates = set(_dates(rules, cells))
        by_date = any(name in cells.names for name in ("day", "calendar_year"))
        every = {name: tuple(_every(name, universe, cells, dates, most, by_date=by_date)) for name in sight.tells}
        values = {name: all_ if name == QUANTITY else sight.one_of_each(name, all_) for name, all_ in every.items()}
        return cls(values, bool(dates) or by_date)

    def facts(self, pair: Pair, at: At) -> Facts:
        """Answer the facts of a quote; what the situation does not tell is as usual."""
        given = {**_USUAL, **at}
        day, service = given[DAY], pair.service
        figures = {name.removeprefix(MARKET): value for name, value in at.items() if name.startswith(MARKET)}
        item = Item(
            service_id=service.id,
            name=service.name,
            quantity=given[QUANTITY],
            **{fact: given[fact] for _, fact, _ in ITEM_WORDS},
        )
        return Facts(
            device=pair.device,
            items=(item,),
            local_time=datetime(day.year, day.month, day.day, given[HOUR], given[MINUTE], tzinfo=UTC),
            postcode=given[POSTCODE],
            market=MarketSnapshot(figures={name: value for name, value in figures.items() if value is not None}),
            promo_codes=tuple(name.removeprefix(CODE) for name, value in at.items() if name.startswith(CODE) and value),
            **{fact: given[fact] for _, fact, _ in WORDS},
            **{name: given[name] for name in FLAGS},
        )

    def said(self, at: At) -> str:
        """Say in words what is not as usual."""
        given = {**_USUAL, **at}
        words = {dimension: (given[fact],) for fact, dimension in _WORDS.items() if given[fact] != _USUAL[fact]}
        if given[POSTCODE]:
            words["postcode_prefixes"] = (given[POSTCODE],)
        if not self.dated:
            parts = (("weekdays", given[DAY].weekday()), ("months", given[DAY].month))
            words.update({name: (value,) for name, value in parts if value != USUAL[name]})
        if given[HOUR] != _USUAL[HOUR]:
            words["hours"] = (given[HOUR],)
        return ", ".join((*filter(None, [said(words)]), *self._further(given)))

    def _further(self, given: At) -> Iterator[str]:
        if self.dated and given[DAY] != _USUAL[DAY]:
            yield f"on {given[DAY]}"
        if given[QUANTITY] != _USUAL[QUANTITY]:
            yield f"for {given[QUANTITY]} of them"
        if given[MINUTE]:
            yield f"at minute {given[MINUTE]}"
        if given[FLAGS[0]]:
            yield "on a first order"
        if given[FLAGS[1]]:
            yield "for a customer who was referred"
        for name, value in given.items():
            if name.startswith(CODE) and value:
                yield f"with code {name.removeprefix(CODE)}"
            if name.startswith(MARKET) and value is not None:
                yield f"at a {name.removeprefix(MARKET).replace('_', ' ')} of {value}"


def _dates(rules: Iterable[Rule], cells: Cells) -> Iterator[date]:
    for rule in rules:
        for first in (rule.scope.date_from, rule.valid_from):
            if first is not None:
                yield first
        for last in (rule.scope.date_until, rule.valid_until):
            if last is not None and last < date.max:
                yield last + timedelta(days=1)
    for year in cells.cuts["calendar_year"]:
        yield from (date(int(each), 1, 1) for each in (year, year + 1) if 1 <= each <= date.max.year)


def _every(name: str, universe: Universe, cells: Cells, dates: set[date], most: int, *, by_date: bool) -> Iterable[Any]:
    """Answer all values that a quote may have, or one between every two that are named; the most usual come first."""
    if name in _WORDS or name == POSTCODE:
        known = universe.values[_WORDS.get(name, "postcode_prefixes")]
        return sorted({*known, *cells.words[name]}, key=lambda word: (word != _USUAL[name], word))
    if name.startswith(MARKET):
        cells.cuts[name] |= cells.cuts[name.removeprefix(MARKET)]
        return sorted(cells.values(name, None), key=lambda figure: (figure is not None, abs(figure or 0)))
    if name == DAY:
        return _days(dates, by_date=by_date)
    if name == QUANTITY:
        return range(most, 0, -1)  # the most of a kind, which differences show in most clearly
    counted = {HOUR: range(24), MINUTE: range(60)}
    return sorted(counted.get(name, (False, True)), key=lambda value: (value != _USUAL.get(name, False), value))


def _days(dates: set[date], *, by_date: bool) -> list[date]:
    """Answer the days from a year before the first date that matters until a year after the last, so that all months and weekdays
    are among them; where the day of the month matters, all calendars there are."""
    usual, margin = _USUAL[DAY], _CALENDARS if by_date else _A_YEAR
    first, last = (choose({usual, *dates}) for choose in (min, max))
    start = max(first.toordinal() - margin.days, date.min.toordinal())
    end = min(last.toordinal() + margin.days, date.max.toordinal())
    days = map(date.fromordinal, range(start, end + 1))
    return sorted(days, key=lambda day: (day.weekday() != usual.weekday(), day.month != usual.month, abs(day - usual)))
