"""One route as aiohttp serves it. There are no middlewares: what every request needs is done here, once, in order."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from time import perf_counter
from typing import Any, Protocol

import msgspec
from aiohttp import web
from attrs import field, frozen
from multidict import CIMultiDict

from repaircore.application.operations.limiting import Traffic
from repaircore.entrypoints.http.bodies import BodyReader, raw_body
from repaircore.entrypoints.http.callers import Access, Caller, identify
from repaircore.entrypoints.http.conditions import IfMatch, is_fresh
from repaircore.entrypoints.http.correlating import Ids, RequestIds, correlate
from repaircore.entrypoints.http.gate import Gate, Told
from repaircore.entrypoints.http.metrics import Metrics
from repaircore.entrypoints.http.pages import is_asked_for, page
from repaircore.entrypoints.http.problems import problem
from repaircore.entrypoints.http.queries import TOKEN, QueryReader
from repaircore.entrypoints.http.refusals import BadHeader, NoSuchPath, Unauthenticated
from repaircore.entrypoints.http.routes import RawRequest, Route, Source
from repaircore.entrypoints.http.text import trouble
from repaircore.entrypoints.logs import JsonLog
from repaircore.ports.unit_of_work import Replay

REQUEST_ID, REPLAYED = "X-Request-Id", "Idempotent-Replayed"
_LONGEST_KEY = 255
_PRIVATE_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_DATA_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")

encode = msgspec.json.Encoder().encode


class Attempt(Protocol):
    """One request under an idempotency key."""

    @property
    def replay(self) -> Replay | None: ...

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> Replay: ...


class Once(Protocol):
    """What the toolkit needs to run a request at most once."""

    def attempt(self, scope: str, key: str, fingerprint: str) -> AbstractAsyncContextManager[Attempt]: ...


class Host(Protocol):
    """What the toolkit itself needs of the core; handlers are given the core as it is."""

    @property
    def access(self) -> Access: ...
    @property
    def once(self) -> Once: ...
    @property
    def ids(self) -> Ids: ...


@frozen
class Desk:
    """What every endpoint of one server shares."""

    core: Host
    metrics: Metrics
    log: JsonLog
    request_ids: RequestIds
    gate: Gate | None = None


@frozen
class Endpoint:
    """Serves one route: request id, caller, rate limit, arguments, idempotency, handler, answer; then metrics and one log line."""

    route: Route
    desk: Desk
    _body: BodyReader[Any] | None = field(init=False, repr=False)
    _query: QueryReader = field(init=False, repr=False)
    _path: tuple[str, ...] = field(init=False, repr=False)
    _fixed: Mapping[str, Any] = field(init=False, repr=False)
    _special: Mapping[Source, str] = field(init=False, repr=False)
    _is_tagged: bool = field(init=False, repr=False)
    _is_once: bool = field(init=False, repr=False)
    _traffic: Traffic = field(init=False, repr=False)

    @_body.default
    def _body_reader(self) -> BodyReader[Any] | None:
        for argument in self.route.of(Source.BODY):
            return BodyReader(argument.kind, None if argument.is_required else argument.default)
        return None

    @_query.default
    def _query_reader(self) -> QueryReader:
        return QueryReader.of(self.route.of(Source.QUERY))

    @_path.default
    def _path_names(self) -> tuple[str, ...]:
        return tuple(argument.name for argument in self.route.of(Source.PATH))

    @_fixed.default
    def _fixed_arguments(self) -> Mapping[str, Any]:
        given = {Source.CORE: self.desk.core, Source.METRICS: self.desk.metrics}
        return {argument.name: value for source, value in given.items() for argument in self.route.of(source)}

    @_special.default
    def _special_names(self) -> Mapping[Source, str]:
        sources = (Source.CALLER, Source.IF_MATCH, Source.RAW)
        return {source: argument.name for source in sources for argument in self.route.of(source)}

    @_is_tagged.default
    def _has_tag(self) -> bool:
        return hasattr(self.route.returns, "tag")

    @_is_once.default
    def _honours_keys(self) -> bool:
        return self.route.is_once

    @_traffic.default
    def _cost(self) -> Traffic:
        return self.route.traffic

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a request. Nothing but cancellation gets out of here: every error becomes a problem document."""
        started = perf_counter()
        desk, route, headers = self.desk, self.route, request.headers
        request_id = correlate(desk.request_ids, headers.get(REQUEST_ID), headers.get("traceparent"))
        who = "unknown"
        told: Told = {}
        try:
            caller = await self._caller(request)
            who = caller.actor.role
            if desk.gate is not None and route.is_limited:
                told = await desk.gate.admit(request, caller, self._traffic)
            if not route.auth.is_open:
                route.auth.admit(caller, request.match_info)
            response = await self._answer(request, caller)
        except Exception as error:
            response = problem(error, request_id)
            if response.status >= 500:
                desk.log.error("request failed", error, method=route.method, route=route.path)
        response.headers[REQUEST_ID] = request_id
        response.headers.update(told)
        seconds = perf_counter() - started
        desk.metrics.observe(route.method, route.path, response.status, seconds)
        desk.log.access(route.method, route.path, response.status, seconds, who)
        return response

    async def _caller(self, request: web.Request) -> Caller:
        token = request.query.get(TOKEN) if request.query_string else None
        try:
            return await identify(self.desk.core.access, request.headers.get("Authorization"), token)
        except Unauthenticated as error:
            if self.desk.gate is not None and self.route.is_limited:
                error.headers = {**error.headers, **await self.desk.gate.refuse(request)}
            raise

    async def _answer(self, request: web.Request, caller: Caller) -> web.Response:
        if self.route.page and is_asked_for(request.headers.get("Accept")):
            return page(self.route.page)
        raw = await raw_body(request) if self._body is not None or request.can_read_body else b""
        arguments = self._arguments(request, caller, raw)
        key = request.headers.get("Idempotency-Key") if self._is_once else None
        if key is None:
            return await self._run(arguments, request)
        scope = f"{caller.principal} {request.method} {request.path}"
        async with self.desk.core.once.attempt(scope, _sane_key(key), _fingerprint(request, raw)) as attempt:
            if attempt.replay is not None:
                return _replayed(attempt.replay)
            response = await self._run(arguments, request)
            standing = await attempt.answer(response.status, _kept(response.headers), _bytes(response))
        return response if standing.body is response.body else _replayed(standing)

    def _arguments(self, request: web.Request, caller: Caller, raw: bytes) -> dict[str, Any]:
        arguments = dict(self._fixed)
        for name in self._path:
            arguments[name] = _path_value(request.match_info[name])
        for source, name in self._special.items():
            arguments[name] = _special(source, request, caller, raw)
        if request.query_string or self._query.arguments:
            arguments.update(self._query.read(request.query))
        if self._body is not None:
            arguments["body"] = self._body.read(raw, request.headers.get("Content-Type"))
        return arguments

    async def _run(self, arguments: Mapping[str, Any], request: web.Request) -> web.Response:
        result = await self.route.handler(**arguments)
        if isinstance(result, web.Response):
            return result
        headers = CIMultiDict(_DATA_HEADERS)
        if self.route.location:
            headers["Location"] = self.route.location.format(id=result.id)
        if self._is_tagged:
            tag = headers["ETag"] = result.tag()
            headers["Cache-Control"] = "private, no-cache"
            wanted = request.headers.get("If-None-Match")
            if wanted is not None and self.route.method == "GET" and is_fresh(wanted, tag):
                return web.Response(status=304, headers=headers)
        return web.Response(body=encode(result), status=self.route.status, headers=headers)


def _special(source: Source, request: web.Request, caller: Caller, raw: bytes) -> Any:
    match source:
        case Source.CALLER:
            return caller
        case Source.IF_MATCH:
            return IfMatch.read(request.headers.get("If-Match"))
        case _:
            shown = (name for name in request.headers if name.lower() not in _PRIVATE_HEADERS)
            return RawRequest({name.lower(): request.headers[name] for name in shown}, raw)


def _path_value(text: str) -> str:
    if trouble(text):
        raise NoSuchPath("there is nothing at this path")
    return text


def _sane_key(key: str) -> str:
    if not (0 < len(key) <= _LONGEST_KEY and key.isprintable() and key.isascii()):
        raise BadHeader(f"Idempotency-Key must be 1 to {_LONGEST_KEY} printable ASCII characters")
    return key


def _fingerprint(request: web.Request, raw: bytes) -> str:
    return sha256(request.query_string.encode() + b"\n" + raw).hexdigest()


def _replayed(replay: Replay) -> web.Response:
    headers = {**_DATA_HEADERS, **replay.headers, REPLAYED: "true"}
    return web.Response(body=replay.body, status=replay.status, headers=headers)


def _kept(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name in _KEPT_HEADERS if (value := headers.get(name)) is not None}


def _bytes(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
