"""A business's mail settings, from a table of its TOML file to a mailer's own settings."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

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
    plain = next((each for each in get_args(kind) if each is not NoneType), kind)  # `Path | None` is written as a path
    match value:
        case Mapping() if has(plain):
            return structure(value, plain, path=f"{path}.")
        case str() if issubclass(plain, Enum):
            return _choice(value, plain, path)
        case str() if plain is Path:
            return Path(value)
        case bool() if plain is not bool:
            raise InvalidValue(f"the setting {path} must be {plain.__name__}, not {value!r}")
        case int() if plain is float:
            return float(value)
        case _ if isinstance(value, plain):
            return value
    raise InvalidValue(f"the setting {path} must be {plain.__name__}, not {value!r}")


def _choice(value: str, kind: type[Enum], path: str) -> Enum:
    known = {str(each.value): each for each in kind}
    if value not in known:
        raise InvalidValue(f"the setting {path} must be one of {', '.join(known)}, not {value!r}")
    return known[value]
