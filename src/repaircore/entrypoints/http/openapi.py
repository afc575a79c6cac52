"""The description of the API (OpenAPI 3.1), generated from the handlers' own types."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp import web

from repaircore.entrypoints.http.examples import EXAMPLES
from repaircore.entrypoints.http.operations import Node, operation
from repaircore.entrypoints.http.routes import Route, Source

_ABOUT = """Quotes, bookings, deposits and payments of a repair or service business.

Amounts are integer minor units with their currency. Times are RFC 3339 with offset. Unknown fields are refused, errors are problem
documents (RFC 9457) with a stable `code`. Every POST takes an `Idempotency-Key`; resources carry an `ETag`.
"""

_FIELD_ERROR = {
    "title": "FieldError",
    "description": "One fault. `pointer` is a JSON pointer into the body, or `/name` of a query parameter.",
    "type": "object",
    "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}, "code": {"type": "string"}},
    "required": ["pointer", "message", "code"],
}
_PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). `code` is stable; a refused move also has `from`, `to` and `allowed`.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "code": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        "from": {"type": "string"},
        "to": {"type": "string"},
        "allowed": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "instance", "code"],
}
_SECURITY = {
    "api_key": {"type": "http", "scheme": "bearer", "description": "An API key of the shop's staff."},
    "capability": {"type": "http", "scheme": "bearer", "description": "The token of one quote or booking."},
    "capability_in_link": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "The token of one quote or booking, in a link.",
    },
}


@cache
def document() -> Node:
    """Describe all routes."""
    from repaircore.entrypoints.http.rooms import ROUTES

    return describe(ROUTES)


def describe(routes: Iterable[Route]) -> Node:
    """Describe these routes."""
    routes = tuple(routes)
    kinds = _kinds(routes)
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    by_kind = list(zip(kinds, schemas, strict=True))
    paths: Node = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, lambda kind: _find(by_kind, kind))
    for name, example in EXAMPLES.items():
        if name in components:
            components[name]["examples"] = [example]
    return {
        "openapi": "3.1.0",
        "info": {"title": "repaircore", "version": version("repaircore"), "description": _ABOUT},
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {**dict(sorted(components.items())), "FieldError": _FIELD_ERROR, "Problem": _PROBLEM},
            "securitySchemes": _SECURITY,
        },
    }


def written() -> bytes:
    """Write the description as JSON."""
    return msgspec.json.encode(document())


def as_read() -> Any:
    """Answer the description as a reader of its JSON sees it."""
    return msgspec.json.decode(written())


def for_people() -> str:
    """Write the description as it is kept in the documentation: indented, with a last newline."""
    return msgspec.json.format(written(), indent=2).decode() + "\n"


def _kinds(routes: Iterable[Route]) -> list[Any]:
    """Collect every type that has to be described, each once."""
    kinds: list[Any] = []
    for route in routes:
        for argument in route.arguments:
            if argument.source in (Source.PATH, Source.QUERY, Source.BODY) and argument.kind not in kinds:
                kinds.append(argument.kind)
        if route.returns is not web.Response and route.returns not in kinds:
            kinds.append(route.returns)
    return kinds


def _find(by_kind: list[tuple[Any, Node]], kind: Any) -> Node:
    return next(schema for known, schema in by_kind if known == kind)
