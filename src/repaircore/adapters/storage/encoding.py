"""How values are written into columns: moments as sortable text in UTC, nested values as JSON, exactly and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from attrs import fields
from msgspec.json import Decoder, Encoder

from repaircore.domain.booking.contact import Address
from repaircore.domain.events import Event
from repaircore.domain.payments.payment import Fact, NextAction
from repaircore.domain.pricing.facts import DeviceFacts, Facts
from repaircore.domain.pricing.quote import Priced
from repaircore.ports.jobs import JobValue

EARLIEST: Final = "0001-01-01T00:00:00.000000+00:00"
LATEST: Final = "9999-12-31T23:59:59.999999+00:00"


@lru_cache(maxsize=256)  # one unit of work writes the same moment into many rows
def instant(at: datetime) -> str:
    """Write an aware moment in UTC, always 32 characters, so that text sorts as time does."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


from_instant = datetime.fromisoformat


def instant_or_none(at: datetime | None) -> str | None:
    """Write a moment that may not have come."""
    return None if at is None else instant(at)


def from_instant_or_none(text: str | None) -> datetime | None:
    """Read a moment that may not have come."""
    return None if text is None else from_instant(text)


def _write_other(value: object) -> str:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    raise TypeError(f"{type(value).__name__} has no place in a stored value")


def _read_other(kind: type, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise TypeError(f"{kind.__name__} has no place in a stored value")


_encoder: Final = Encoder(enc_hook=_write_other)


def to_json(value: object) -> str:
    """Write a nested value."""
    return _encoder.encode(value).decode()


read_facts: Final = Decoder(Facts, dec_hook=_read_other).decode
# Shops price the same few jobs over and over. Values are frozen, so equal texts may share one.
read_priced: Final = lru_cache(maxsize=512)(Decoder(Priced, dec_hook=_read_other).decode)
read_device: Final = lru_cache(maxsize=512)(Decoder(DeviceFacts).decode)
read_address: Final = Decoder(Address).decode
read_payment_facts: Final = Decoder(tuple[Fact, ...]).decode
read_next_action: Final = Decoder(NextAction).decode
read_figures: Final = Decoder(dict[str, int]).decode
read_headers: Final = Decoder(dict[str, str]).decode
read_payload: Final = Decoder(dict[str, JobValue]).decode
read_data: Final = Decoder(dict[str, Any]).decode

_IN_COLUMNS: Final = frozenset(one.name for one in fields(Event))
_own_fields: dict[type[Event], tuple[str, ...]] = {}


def event_data(event: Event) -> str:
    """Write what an event says beyond its aggregate, time and actor, which have columns of their own."""
    names = _own_fields.get(type(event))
    if names is None:
        names = tuple(one.name for one in fields(type(event)) if one.name not in _IN_COLUMNS)
        _own_fields[type(event)] = names
    return to_json({name: getattr(event, name) for name in names})


def payload(values: Mapping[str, JobValue]) -> str:
    """Write a job's payload."""
    return to_json(dict(values)) if values else "{}"
