"""The full list of what is wrong with a value: a walk over the request type that names every fault with its pointer.

It runs only after the fast decoder refused the body, so it may take its time. Leaves are judged by the same decoder, so that the
two never disagree; the walk adds the places, the unknown fields and the known words.
"""

from collections.abc import Iterator
from enum import Enum
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from repaircore.entrypoints.http.refusals import FieldError
from repaircore.entrypoints.http.text import hint, pointer_part, quoted, trouble

_MOST = 50

_JSON_WORDS = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`str`": "text",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "an object",
    "`null`": "null",
    "`datetime`": "a time such as 2026-05-01T10:00:00+01:00",
}


def faults(value: object, kind: Any) -> tuple[FieldError, ...]:
    """Name what keeps `value` (plain JSON data) from being a `kind`; at most fifty faults, none for a good value."""
    return tuple(islice(_faults(value, kind, ""), _MOST))


def _faults(value: object, kind: Any, pointer: str) -> Iterator[FieldError]:
    bare = _bare(kind)
    if value is None and bare is not kind and _is_optional(kind):
        return
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from _struct_faults(value, bare, pointer)
    elif get_origin(bare) in (list, tuple):
        yield from _list_faults(value, kind, bare, pointer)
    else:
        yield from _leaf_faults(value, kind, bare, pointer)


def _struct_faults(value: object, kind: type[msgspec.Struct], pointer: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield FieldError(pointer, f"expected an object, got {_json_kind(value)}", "wrong_type")
        return
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in value:
        if name not in known:
            message = f"there is no field {quoted(name)}{hint(name, list(known))}"
            yield FieldError(pointer + pointer_part(name), message, "unknown_field")
    for name, field in known.items():
        if name in value:
            yield from _faults(value[name], field.type, f"{pointer}/{name}")
        elif field.required:
            yield FieldError(f"{pointer}/{name}", "is required", "missing_field")


def _list_faults(value: object, kind: Any, bare: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(value, list):
        yield FieldError(pointer, f"expected a list, got {_json_kind(value)}", "wrong_type")
        return
    sound = True
    for index, item in enumerate(value):
        for fault in _faults(item, get_args(bare)[0], f"{pointer}/{index}"):
            sound = False
            yield fault
    if sound:
        yield from _judged(value, kind, pointer)


def _leaf_faults(value: object, kind: Any, bare: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, str) and (wrong := trouble(value)):
        yield FieldError(pointer, wrong, "invalid_text")
        return
    words = known_words(bare)
    if words and isinstance(value, str) and value not in words:
        message = f"{quoted(value)} is not known{hint(value, words)} Known: {', '.join(words)}"
        yield FieldError(pointer, message, "unknown_value")
        return
    yield from _judged(value, kind, pointer)


def _judged(value: object, kind: Any, pointer: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        message = said(error)
        code = "wrong_type" if ", got " in message else "invalid_value"
        yield FieldError(pointer, message, code)


def said(error: msgspec.ValidationError) -> str:
    """Put the decoder's message into the words of JSON; its place is told apart."""
    message = str(error).partition(" - at `")[0]
    for word, ours in _JSON_WORDS.items():
        message = message.replace(word, ours)
    return (message[:1].lower() + message[1:]).replace("`", "")


def known_words(kind: Any) -> list[str]:
    """List the texts that a Literal or an Enum admits; nothing for other types."""
    if get_origin(kind) is Literal:
        return [word for word in get_args(kind) if isinstance(word, str)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return []


def _bare(kind: Any) -> Any:
    """Take off limits and `| None`."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare(next(option for option in get_args(kind) if option is not NoneType))
    return kind


def _is_optional(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return _is_optional(get_args(kind)[0])
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def _json_kind(value: object) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a whole number",
        NoneType: "null",
    }
    return kinds.get(type(value), "a number")
