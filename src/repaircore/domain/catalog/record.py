"""A catalogue as JSON and back, exactly; what a thing does not say is left out, so that a field added later changes no hash."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar

from attrs import NOTHING, AttrsInstance, fields

from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money

T = TypeVar("T", bound=AttrsInstance)
Plain = dict[str, Any]

_encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
_TUPLES = frozenset({"aliases", "model_numbers", "categories"})
_MONEY = frozenset({"average_repair_cost", "cost"})


def catalogue_to_json(catalogue: Catalogue) -> str:
    """Write a catalogue for storage. `catalogue_from_json` gives an equal one."""
    return _encoded(
        {
            "categories": [plain(each) for each in catalogue.categories.values()],
            "devices": [plain(each) for each in catalogue.devices.values()],
            "services": [plain(each) for each in catalogue.services.values()],
            "aliases": dict(catalogue.aliases),
            "parts": [plain(each) for each in catalogue.parts.values()],
        }
    )


def catalogue_from_json(text: str) -> Catalogue:
    """Read what `catalogue_to_json` wrote."""
    stored = json.loads(text)
    return Catalogue(
        _by_id(Category, stored["categories"]),
        _by_id(Device, stored["devices"]),
        _by_id(Service, stored["services"]),
        stored["aliases"],
        {part.key: part for part in (_value(Part, each) for each in stored["parts"])},
    )


def catalogue_hash(text: str) -> str:
    """Answer what fixes the content of a catalogue as it was written by `catalogue_to_json`."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: AttrsInstance) -> Plain:
    """Answer a category, device, service or part as plain data."""
    given = ((one, getattr(value, one.name)) for one in fields(type(value)))
    return {one.name: _plain(part) for one, part in given if one.default is NOTHING or part != one.default}


def _plain(value: object) -> object:
    match value:
        case Money():
            return [value.amount, value.currency]
        case date():
            return value.isoformat()
        case _:
            return value


def _by_id(kind: Callable[..., T], stored: Iterable[Mapping[str, Any]]) -> dict[str, T]:
    return {each["id"]: _value(kind, each) for each in stored}


def _value(kind: Callable[..., T], stored: Mapping[str, Any]) -> T:
    return kind(**{name: _read(name, value) for name, value in stored.items()})


def _read(name: str, value: Any) -> Any:
    if name in _TUPLES:
        return tuple(value)
    if name in _MONEY:
        return Money(*value)
    return date.fromisoformat(value) if name == "as_of" else value
