"""A business's mail settings, from a table of its TOML file to a mailer's own settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from attrs import NOTHING, Attribute, AttrsInstance, fields, has, resolve_types

from repaircore.domain.errors import InvalidValue, nearest

S = TypeVar("S", bound=AttrsInstance)


def structure(settings: Mapping[str, object] | S, cls: type[S], *, path: str = "") -> S:
    """Read a table strictly; settings already made pass through. Raises InvalidValue with the setting and the nearest known name."""
    if isinstance(settings, cls):
        return settings
    assert isinstance(settings, Mapping)
    known = {attribute.name: attribute for attribute in fields(resolve_types(cls))}
    for name in settings:
        if name not in known:
            hint = nearest(str(name), tuple(known))
            raise InvalidValue(f"there is no setting {path}{name}" + (f"; did you mean {hint}?" if hint else ""))
    missing = [name for name, attribute in known.items() if name not in settings and _is_required(attribute)]
    if missing:
        raise InvalidValue(f"these settings are missing: {', '.join(path + name for name in missing)}")
    return cls(**{name: _value(value, known[name].type, path + name) for name, value in settings.items()})


def _is_required(attribute: "Attribute[Any]") -> bool:
    return attribute.default is NOTHING


def _value(value: object, kind: Any, path: str) -> object:
    match value, kind:
        case Mapping(), _ if has(kind):
            return structure(value, kind, path=f"{path}.")
        case str(), _ if kind is Path:
            return Path(value)
        case bool(), _ if kind is bool:
            return value
        case int(), _ if kind is float and not isinstance(value, bool):
            return float(value)
        case _ if isinstance(kind, type) and isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
    raise InvalidValue(f"the setting {path} must be {getattr(kind, '__name__', kind)}, not {value!r}")
