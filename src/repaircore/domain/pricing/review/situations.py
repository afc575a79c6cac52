"""A situation in which a service may be asked for: as the facts of a quote for it, and in words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.review import boxes
from repaircore.domain.pricing.review.boxes import Value
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS

USUAL_TIME: Final = datetime(2026, 3, 4, 12, tzinfo=UTC)  # noon on a Wednesday
Situation = Mapping[str, Value]

USUAL: Final[Situation] = {
    **{name: "" for name, _, _ in (*WORDS, *ITEM_WORDS)},
    "urgencies": "standard",
    "fulfilments": "in_store",
    "channels": "web",
    "postcode_prefixes": "",
    "weekdays": USUAL_TIME.weekday(),
    "hours": USUAL_TIME.hour,
    "months": USUAL_TIME.month,
}
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")
_MOST = 4
_WORDS = {name: word for name, _, word in (*WORDS, *ITEM_WORDS)}
_PHRASES = {
    "urgencies": "when {}",
    "fulfilments": "by {}",
    "conditions": "in {} condition",
    "complexities": "for a job that is {}",
    "customer_types": "for {} customers",
    "postcode_prefixes": "in postcodes from {}",
    "weekdays": "on {}",
    "hours": "at {}",
    "months": "in {}",
}


def situated(device: DeviceFacts, service_id: str, name: str, at: Situation, *, quantity: int = 1) -> Facts:
    """Answer the facts of a quote for that service in the situation; what it does not tell is as usual."""
    given: dict[str, Any] = {fact: at[dimension] for dimension, fact, _ in WORDS if dimension in at}
    of_item: dict[str, Any] = {fact: at[dimension] for dimension, fact, _ in ITEM_WORDS if dimension in at}
    item = Item(service_id=service_id, name=name, quantity=quantity, **of_item)
    postcode = str(at.get("postcode_prefixes", ""))
    return Facts(device=device, items=(item,), local_time=_time(at), postcode=postcode, **given)


def _time(at: Situation) -> datetime:
    """Answer a moment in that month, on that weekday, at that hour."""
    start = USUAL_TIME.replace(
        month=int(at.get("months", USUAL_TIME.month)), hour=int(at.get("hours", USUAL_TIME.hour))
    )
    return start + timedelta(days=(int(at.get("weekdays", start.weekday())) - start.weekday()) % 7)


def said(at: Mapping[str, Sequence[Value]]) -> str:
    """Say it in words; each dimension may have several values: `when urgent or emergency, by pickup`."""
    return ", ".join(_phrase(name, values) for name, values in at.items())


def _phrase(name: str, values: Sequence[Value]) -> str:
    shown = " or ".join(_word(name, value) for value in values[:_MOST])
    more = f" or {len(values) - _MOST} more" if len(values) > _MOST else ""
    return _PHRASES.get(name, f"with {_WORDS.get(name, name)} {{}}").format(shown + more)


def _word(name: str, value: Value) -> str:
    match name, value:
        case "weekdays", int():
            return _DAYS[value]
        case "months", int():
            return _MONTHS[value - 1]
        case "hours", int():
            return f"{value}:00"
        case _, "":
            return "not said"
        case _, boxes.UNKNOWN:
            return "another"
        case _:
            return str(value).replace("_", " ")
