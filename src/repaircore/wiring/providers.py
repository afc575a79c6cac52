"""Providers by name: built-ins and anything another package registers, found as entry points and imported only when configured.

An entry point in a room's group, such as `repaircore.payments`, `repaircore.notifications` or `repaircore.limits`, names a function
`build(settings, *, clock, environment)` whose `settings` parameter is annotated with an attrs class (it may admit other kinds as
well). The provider's table in the business file fills that class; a field may come from the environment instead, as
`REPAIRCORE_PAYMENTS_<PROVIDER>_<FIELD>`, or from a file that `REPAIRCORE_PAYMENTS_<PROVIDER>_<FIELD>_FILE` names.
"""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, get_args

from attrs import NOTHING, fields, has, resolve_types
from cattrs import BaseValidationError, Converter, transform_error
from cattrs.v import format_exception

from repaircore.domain.errors import InvalidValue, nearest
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unsupported
from repaircore.wiring.environment import variable
from repaircore.wiring.settings import ConfigurationError

# Our own ones, found without going through everything that is installed; the entry points in pyproject.toml say the same.
BUILT_IN: Mapping[tuple[str, str], str] = {
    ("payments", "sandbox"): "repaircore.adapters.payments.sandbox",
    ("payments", "memory"): "repaircore.adapters.payments.memory",
    ("notifications", "file"): "repaircore.adapters.notifications.file",
    ("notifications", "smtp"): "repaircore.adapters.notifications.smtp",
    ("notifications", "memory"): "repaircore.adapters.notifications.memory",
    ("limits", "memory"): "repaircore.adapters.limits.memory",
    ("limits", "redis"): "repaircore.adapters.limits.redis",
    ("pubsub", "memory"): "repaircore.adapters.pubsub.memory",
    ("pubsub", "postgresql"): "repaircore.adapters.pubsub.postgresql",
    ("pubsub", "redis"): "repaircore.adapters.pubsub.redis",
}


def names(room: str) -> tuple[str, ...]:
    """Name the providers that are installed for a room (`payments`, `notifications`, `limits`, `pubsub`)."""
    from importlib.metadata import entry_points

    registered = {point.name for point in entry_points(group=f"repaircore.{room}")}
    return tuple(sorted(registered | {name for of, name in BUILT_IN if of == room}))


def build(
    room: str, provider: str, given: Mapping[str, Any], *, defaults: Mapping[str, Any], clock: Clock, environment: str
) -> Any:
    """Make the provider. `defaults` fill fields that neither the file nor the environment names, where the provider has them.

    Raises ConfigurationError for an unknown provider, an unknown or missing option, a wrong value, or one that may not run here.
    """
    make = _find(room, provider)
    settings_type = _settings_type(make)
    place = f"{room}.providers.{provider}"
    try:
        values = _values(settings_type, f"REPAIRCORE_{room}_{provider}_".upper(), given, defaults)
        settings: Any = _converter(settings_type).structure(_known_only(place, settings_type, values), settings_type)
        return make(settings, clock=clock, environment=environment)
    except BaseValidationError as error:
        raise ConfigurationError(
            "\n".join(f"{place}: {line}" for line in transform_error(error, format_exception=_told))
        ) from None
    except (Unsupported, ValueError) as error:
        raise ConfigurationError(f"{place}: {error}") from None


def _told(problem: BaseException, kind: type | None) -> str:
    """Let our own rules speak for themselves."""
    return str(problem) if isinstance(problem, InvalidValue) else format_exception(problem, kind)


def _find(room: str, provider: str) -> Callable[..., Any]:
    found: Callable[..., Any]
    if (room, provider) in BUILT_IN:
        found = import_module(BUILT_IN[room, provider]).build
        return found
    from importlib.metadata import entry_points

    for point in entry_points(group=f"repaircore.{room}", name=provider):
        found = point.load()
        return found
    hint = nearest(provider, names(room))
    told = f"; did you mean {hint!r}?" if hint else f"; installed: {', '.join(names(room))}"
    raise ConfigurationError(f"{room}.provider: there is no provider {provider!r}{told}")


def _settings_type(make: Callable[..., Any]) -> type[Any]:
    annotation = inspect.signature(make).parameters["settings"].annotation
    return next(kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type) and has(kind))


def _values(settings_type: type, prefix: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    fields_here = {attribute.name for attribute in fields(settings_type)}
    found = {name: variable(prefix + name.upper()) for name in fields_here}
    environment = {name: value for name, value in found.items() if value is not None}
    return {**{name: value for name, value in defaults.items() if name in fields_here}, **given, **environment}


def _known_only(place: str, settings_type: type, values: dict[str, Any]) -> dict[str, Any]:
    known = {attribute.name: attribute for attribute in fields(resolve_types(settings_type))}
    for name in values:
        if name not in known:
            hint = nearest(name, tuple(known))
            raise ConfigurationError(
                f"{place}: there is no option {name!r}" + (f"; did you mean {hint!r}?" if hint else "")
            )
    missing = [name for name, attribute in known.items() if attribute.default is NOTHING and name not in values]
    if missing:
        raise ConfigurationError(f"{place}: these options are missing: {', '.join(missing)}")
    return values


def _converter(settings_type: type) -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _text)
    return converter


def _text(value: Any, kind: type[str]) -> str:
    """A number is no text; an enumeration of texts, which comes here too, takes its own words only."""
    if not isinstance(value, str):
        raise InvalidValue(f"must be a text, not {value!r}")
    return value if kind is str else kind(value)
