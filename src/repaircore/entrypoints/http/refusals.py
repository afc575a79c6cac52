"""What the HTTP layer itself refuses, before any use case is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen


@frozen
class FieldError:
    """One fault in a request. `pointer` is a JSON pointer into the body, or `/name` of a query parameter."""

    pointer: str
    message: str
    code: str = "invalid_value"


class Refusal(Exception):
    """A request that cannot be served as it is; it is answered as a problem document."""

    status = 400
    code = "bad_request"
    title = "The request cannot be read"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.errors, self.headers, self.more = tuple(errors), headers or {}, more


class MalformedJson(Refusal):
    """The body is not JSON; the detail says where it stops being it."""

    code = "malformed_json"
    title = "The body is not JSON"


class BadHeader(Refusal):
    """A header cannot be used as it is."""

    code = "bad_header"
    title = "A header cannot be used as it is"


class Unauthenticated(Refusal):
    """Nobody said who is asking, or what was said is not true."""

    status = 401
    code = "unauthenticated"
    title = "Say who you are"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="repaircore"'})


class NoSuchPath(Refusal):
    """Nothing is served there."""

    status = 404
    code = "not_found"
    title = "Not found"


class MethodNotAllowed(Refusal):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "This method is not allowed here"


class BodyTooLarge(Refusal):
    """The body is larger than is read."""

    status = 413
    code = "body_too_large"
    title = "The body is too large"


class UnsupportedMediaType(Refusal):
    """The body is not of a kind that is read."""

    status = 415
    code = "unsupported_media_type"
    title = "The body must be JSON"


class InvalidRequest(Refusal):
    """The request was read, and has faults: all of them in `errors`."""

    status = 422
    code = "invalid_request"
    title = "The request has faults"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{first.pointer or 'the body'}: {first.message}{more}", errors=errors)


class NotReady(Refusal):
    """The server runs, but cannot do its work at the moment."""

    status = 503
    code = "not_ready"
    title = "Not ready"
