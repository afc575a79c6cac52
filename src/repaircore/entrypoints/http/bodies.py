"""Request bodies: read within limits, decoded strictly, refused with everything that is wrong with them."""

import json
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web
from attrs import field, frozen

from repaircore.entrypoints.http.faults import faults, said
from repaircore.entrypoints.http.refusals import (
    BodyTooLarge,
    FieldError,
    InvalidRequest,
    MalformedJson,
    Refusal,
    UnsupportedMediaType,
)

LARGEST = 1024 * 1024
_TOO_LONG_A_NUMBER = 40

T = TypeVar("T", bound=msgspec.Struct)


@frozen
class BodyReader(Generic[T]):
    """Reads one kind of body. `default` stands for an empty one, where the route admits that."""

    kind: type[T]
    default: T | None = None
    _decode: Any = field(init=False, repr=False)

    @_decode.default
    def _decoder(self) -> Any:
        return msgspec.json.Decoder(self.kind).decode

    def read(self, raw: bytes, content_type: str | None) -> T:
        """Decode a body. Raises UnsupportedMediaType, MalformedJson or InvalidRequest with every fault."""
        if not raw and self.default is not None:
            return self.default
        if content_type != "application/json":
            _must_be_json(content_type)
        try:
            body: T = self._decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refusal(raw, self.kind, error) from None
        if b"\\u0000" in raw:
            found = faults(plain(raw), self.kind)
            if found:
                raise InvalidRequest(found)
        return body


async def raw_body(request: web.Request) -> bytes:
    """Read the bytes of the body. Raises BodyTooLarge, or Refusal when the transfer itself is broken."""
    length = request.content_length
    if length is not None and length > LARGEST:
        raise _too_large()
    try:
        # Most bodies came with their head, so there is nothing to wait for.
        raw = request.content.read_nowait() if request.content.is_eof() else await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except web.RequestPayloadError:
        raise Refusal("the body does not match its transfer or content encoding") from None
    if len(raw) > LARGEST:
        raise _too_large()
    return raw


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"a body may have at most {LARGEST:,} bytes")


def refusal(raw: bytes, kind: Any, error: Exception) -> Refusal:
    """Say all that is wrong with a body that the fast decoder refused with `error`."""
    value = plain(raw)
    found = faults(value, kind)
    if not found:
        message = said(error) if isinstance(error, msgspec.ValidationError) else "cannot be read"
        found = (FieldError("", message),)
    return InvalidRequest(found)


def plain(raw: bytes) -> object:
    """Parse JSON into plain values. Raises MalformedJson with the position."""
    try:
        text = raw.decode()
        return json.loads(text, parse_constant=_no_constant, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise MalformedJson(f"the body is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(f"{error.msg} at {place}", position=error.pos) from None
    except RecursionError:
        raise MalformedJson("the body is nested too deeply") from None


def _no_constant(name: str) -> object:
    raise MalformedJson(f"{name} is not a JSON number")


def _whole(digits: str) -> int:
    """Read a whole number; one that no field could hold is replaced by one that no field admits."""
    return int(digits) if len(digits) < _TOO_LONG_A_NUMBER else 10**_TOO_LONG_A_NUMBER


def _must_be_json(content_type: str | None) -> None:
    if content_type is None:
        raise UnsupportedMediaType("send the body with Content-Type: application/json")
    media, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "").replace(" ", "")
    if media.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise UnsupportedMediaType("the body must be application/json in UTF-8")
