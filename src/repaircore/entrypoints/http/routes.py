"""Routes: a decorator on typed functions. The signature says where every argument comes from, the annotations what it may be."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from enum import StrEnum
from inspect import Parameter, getdoc, signature
from re import findall
from typing import Any, TypeVar, get_type_hints

import msgspec
from attrs import field, frozen

from repaircore.application.operations.limiting import Traffic
from repaircore.entrypoints.http.callers import ANYONE, Auth, Caller
from repaircore.entrypoints.http.conditions import IfMatch
from repaircore.entrypoints.http.metrics import Metrics

Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)


@frozen
class RawRequest:
    """For handlers that must see the request as it came: header names in lower case, and the bytes of the body."""

    headers: Mapping[str, str]
    body: bytes


class Source(StrEnum):
    """Where an argument of a handler comes from."""

    CORE = "core"
    CALLER = "caller"
    IF_MATCH = "if_match"
    RAW = "raw"
    METRICS = "metrics"
    PATH = "path"
    BODY = "body"
    QUERY = "query"


@frozen
class Argument:
    """One argument of a handler. `wire_name` is its name in the request: `from` for a Python `from_`."""

    name: str
    source: Source
    kind: Any
    default: Any = Parameter.empty

    @property
    def wire_name(self) -> str:
        return self.name.rstrip("_")

    @property
    def is_required(self) -> bool:
        return self.default is Parameter.empty


@frozen(kw_only=True)
class Route:
    """One method on one path, and everything that is promised about it. `page` is what a browser is given instead of data.
    `is_limited`: requests are counted, and refused when they are too many."""

    method: str
    path: str
    handler: Handler
    tag: str
    auth: Auth
    status: int
    statuses: Mapping[int, str]
    location: str
    page: str
    arguments: tuple[Argument, ...]
    returns: Any
    is_limited: bool = True

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return self.description.partition("\n")[0]

    @property
    def description(self) -> str:
        """The handler's docstring."""
        return getdoc(self.handler) or ""

    @property
    def traffic(self) -> Traffic:
        """What a request costs."""
        return Traffic.READ if self.method == "GET" else Traffic.WRITE

    @property
    def is_once(self) -> bool:
        """Whether `Idempotency-Key` is honoured: every POST, except webhooks, which bring their own."""
        return self.method == "POST" and not self.of(Source.RAW)

    def of(self, source: Source) -> tuple[Argument, ...]:
        """Answer the arguments that come from there."""
        return tuple(argument for argument in self.arguments if argument.source is source)


@frozen
class Routes:
    """The routes of one room. A handler's arguments: `core`; a `Caller`; an `IfMatch`; a `RawRequest`; the server's `Metrics`;
    names in the path's braces; `body` (a Struct); every other name is a query parameter."""

    tag: str
    _routes: list[Route] = field(factory=list)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, **promises: Any) -> Callable[[H], H]:
        """Serve a GET (and HEAD)."""
        return self._route("GET", path, **promises)

    def post(self, path: str, **promises: Any) -> Callable[[H], H]:
        """Serve a POST."""
        return self._route("POST", path, **promises)

    def _route(
        self,
        method: str,
        path: str,
        *,
        auth: Auth = ANYONE,
        status: int = 200,
        statuses: Mapping[int, str] | None = None,
        location: str = "",
        page: str = "",
        is_limited: bool = True,
    ) -> Callable[[H], H]:
        def register(handler: H) -> H:
            hints = get_type_hints(handler, include_extras=True)
            self._routes.append(
                Route(
                    method=method,
                    path=path,
                    handler=handler,
                    tag=self.tag,
                    auth=auth,
                    status=status,
                    statuses=statuses or {},
                    location=location,
                    page=page,
                    arguments=_arguments(handler, path, hints),
                    returns=hints["return"],
                    is_limited=is_limited,
                )
            )
            return handler

        return register


def _arguments(handler: Handler, path: str, hints: Mapping[str, Any]) -> tuple[Argument, ...]:
    in_path = set(findall(r"{(\w+)}", path))
    found = tuple(
        Argument(name, _source(name, hints[name], in_path), hints[name], parameter.default)
        for name, parameter in signature(handler).parameters.items()
    )
    missing = in_path - {argument.name for argument in found}
    if missing:
        raise TypeError(f"{handler.__name__} does not take {', '.join(sorted(missing))} of {path}")
    return found


_BY_KIND = {Caller: Source.CALLER, IfMatch: Source.IF_MATCH, RawRequest: Source.RAW, Metrics: Source.METRICS}


def _source(name: str, kind: Any, in_path: set[str]) -> Source:
    if name == "core":
        return Source.CORE
    if name in in_path:
        return Source.PATH
    if name == "body":
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            raise TypeError(f"a body must be a Struct, not {kind}")
        return Source.BODY
    return _BY_KIND.get(kind, Source.QUERY)
