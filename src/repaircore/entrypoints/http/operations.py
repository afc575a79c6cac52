"""One route as an OpenAPI operation."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from repaircore.entrypoints.http.callers import Auth
from repaircore.entrypoints.http.examples import EXAMPLES
from repaircore.entrypoints.http.routes import Argument, Route, Source

Node = dict[str, Any]
SchemaOf = Callable[[Any], Node]

_PROBLEMS = {
    400: "The request cannot be read.",
    401: "Say who you are.",
    402: "The customer's bank or card said no.",
    403: "This caller may not do this.",
    404: "There is no such thing.",
    409: "It cannot be done as things stand.",
    412: "It has changed since the version in `If-Match`.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not JSON.",
    422: "The request has faults; `errors` lists all of them.",
    429: "Too many requests; `Retry-After` says when there is room again.",
    502: "The provider's answer was not understood.",
    503: "Try again later.",
    504: "The provider did not answer; look before you repeat.",
}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeat with the same key and body is answered as the first was, and does nothing. Kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` that the change was decided on; `*` for any.",
    "schema": {"type": "string"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of the copy at hand.",
    "schema": {"type": "string"},
}


def operation(route: Route, schema_of: SchemaOf) -> Node:
    """Describe a route: parameters, body, answers, who may use it."""
    described: Node = {
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary,
        "description": route.description,
        "parameters": list(_parameters(route, schema_of)),
        "responses": _responses(route, schema_of),
        "security": _security(route.auth),
    }
    for argument in route.of(Source.BODY):
        described["requestBody"] = _body(argument, schema_of)
    if route.of(Source.RAW):
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": {}}}}
    return described


def operation_id(route: Route) -> str:
    """Name the operation after its tag and handler: `quotes_ask`."""
    return f"{route.tag.lower()}_{route.handler.__name__}"


def _parameters(route: Route, schema_of: SchemaOf) -> Iterator[Node]:
    for argument in route.of(Source.PATH):
        yield {"name": argument.wire_name, "in": "path", "required": True, "schema": schema_of(argument.kind)}
    for argument in route.of(Source.QUERY):
        yield {
            "name": argument.wire_name,
            "in": "query",
            "required": argument.is_required,
            "schema": _with_default(schema_of(argument.kind), argument),
        }
    if route.is_once:
        yield _IDEMPOTENCY_KEY
    if route.of(Source.IF_MATCH):
        yield _IF_MATCH
    if route.method == "GET" and hasattr(route.returns, "tag"):
        yield _IF_NONE_MATCH


def _with_default(schema: Node, argument: Argument) -> Node:
    if argument.is_required or argument.default in (None, ""):
        return schema
    default = msgspec.to_builtins(argument.default)
    return {"allOf": [schema], "default": default} if "$ref" in schema else {**schema, "default": default}


def _body(argument: Argument, schema_of: SchemaOf) -> Node:
    media: Node = {"schema": schema_of(argument.kind)}
    example = EXAMPLES.get(argument.kind.__name__)
    if example is not None:
        media["example"] = example
    return {"required": argument.is_required, "content": {"application/json": media}}


def _responses(route: Route, schema_of: SchemaOf) -> Node:
    statuses = dict(sorted({**{status: _PROBLEMS[status] for status in _failures(route)}, **route.statuses}.items()))
    problems = {str(status): _problem(text) for status, text in statuses.items()}
    return {str(route.status): _success(route, schema_of), **_not_modified(route), **problems}


def _success(route: Route, schema_of: SchemaOf) -> Node:
    success: Node = {"description": HTTPStatus(route.status).phrase}
    if route.returns is not web.Response:
        success["content"] = {"application/json": {"schema": schema_of(route.returns)}}
    if route.page:
        success["content"]["text/html"] = {"schema": {"type": "string"}}
    headers = {"X-Request-Id": _header("Under which the request is logged.")}
    if route.is_limited:
        headers["RateLimit"] = _header(
            "How many more requests are admitted now (`r`), and for how many seconds that counts (`t`)."
        )
        headers["RateLimit-Policy"] = _header("The limit: so many requests (`q`) in a window of so many seconds (`w`).")
    if hasattr(route.returns, "tag"):
        headers["ETag"] = _header("The version that was answered.")
    if route.location:
        headers["Location"] = _header("Where the new resource is.")
    if route.is_once:
        headers["Idempotent-Replayed"] = _header("`true` when this is the answer to an earlier request.")
    return {**success, "headers": headers}


def _not_modified(route: Route) -> Node:
    if route.method == "GET" and hasattr(route.returns, "tag"):
        return {"304": {"description": "The copy at hand is current."}}
    return {}


def _failures(route: Route) -> Iterator[int]:
    """Answer the statuses that a client of this route must be ready for."""
    if not route.auth.is_open or route.of(Source.CALLER):
        yield 401
    if route.is_limited:
        yield 429
    if not route.auth.is_open:
        yield 403
    if route.of(Source.PATH):
        yield 404
    if route.of(Source.QUERY) or route.of(Source.BODY):
        yield 422
    if route.of(Source.BODY) or route.of(Source.RAW):
        yield from (400, 413)
    if route.of(Source.BODY):
        yield 415
    if route.is_once:
        yield from (400, 409, 422)
    if route.of(Source.IF_MATCH):
        yield 412
    if route.tag == "Payments" and route.is_once:
        yield from (402, 502, 503, 504)


def _problem(text: str) -> Node:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}


def _header(text: str) -> Node:
    return {"description": text, "schema": {"type": "string"}}


def _security(auth: Auth) -> list[Node]:
    if auth.staff:
        return [{"api_key": []}]
    held: list[Node] = [{"api_key": []}, {"capability": []}, {"capability_in_link": []}]
    return [{}, {"api_key": []}] if auth.is_open else held
