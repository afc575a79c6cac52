"""Writing TOML: the values that a shop's files hold, in the form in which they are read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | bool | date | Sequence[str] | Mapping[str, Any] | None"
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Bare(str):
    """A number with a point, written as it is."""

    __slots__ = ()


def lines(values: Mapping[str, Value], header: str = "") -> Iterator[str]:
    """Answer the lines of a table, or of the top of a file; what is empty is left out, with its header when all is."""
    given = {name: value for name, value in values.items() if value not in (None, "", (), {}, [])}
    if header and not given:
        return
    if header:
        yield f"\n{header}\n"
    for name, value in given.items():
        yield f"{_key(name)} = {literal(value)}\n"


def literal(value: Value) -> str:
    """Write one value."""
    match value:
        case bool():
            return str(value).lower()
        case Bare() | int():
            return str(value)
        case date():
            return value.isoformat()
        case str():
            return _text(value)
        case Mapping():
            return f"{{ {', '.join(f'{_key(name)} = {literal(each)}' for name, each in value.items())} }}"
        case _:
            return f"[{', '.join(literal(each) for each in value or ())}]"


def _key(name: str) -> str:
    return name if name and _BARE.issuperset(name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
