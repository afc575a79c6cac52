"""The shop's API: JSON in and out, a bearer key, and misbehaviour where it was asked for."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from aiohttp import web

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.provider.bank import Done
from repaircore.adapters.payments.sandbox.provider.desk import DESK, Desk, hang_up
from repaircore.adapters.payments.sandbox.provider.faults import ApiFault
from repaircore.adapters.payments.sandbox.provider.sessions import Refused
from repaircore.adapters.payments.sandbox.wire import Amount, NewSession

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Body = TypeVar("_Body")


async def _open(request: web.Request) -> web.Response:
    desk, new = request.app[DESK], await _read(request, NewSession)
    return _answer(desk, desk.bank.open(new, key=_key(request), pay_url=lambda id: _pay_url(request, id)), status=201)


async def _get(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    return _answer(desk, Done(desk.bank.get(request.match_info["session"])))


async def _look_up(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    return _answer(desk, Done(desk.bank.look_up(request.query.get("key", ""))))


async def _capture(request: web.Request) -> web.Response:
    desk, amount = request.app[DESK], await _read(request, Amount)
    return _answer(desk, desk.bank.capture(request.match_info["session"], amount, key=_key(request)))


async def _refund(request: web.Request) -> web.Response:
    desk, amount = request.app[DESK], await _read(request, Amount)
    return _answer(desk, desk.bank.refund(request.match_info["session"], amount, key=_key(request)))


async def _void(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    return _answer(desk, desk.bank.void(request.match_info["session"], key=_key(request)))


async def _show_faults(request: web.Request) -> web.Response:
    return _json(request.app[DESK].faults.pending)


async def _add_fault(request: web.Request) -> web.Response:
    faults = request.app[DESK].faults
    faults.add(await _read(request, ApiFault))
    return _json(faults.pending, status=201)


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[DESK].faults.clear()
    return web.Response(status=204)


ROUTES = [
    web.post("/v1/sessions", _open, name="create"),
    web.get("/v1/sessions", _look_up, name="look_up", allow_head=False),
    web.get("/v1/sessions/{session}", _get, name="read", allow_head=False),
    web.post("/v1/sessions/{session}/capture", _capture, name="capture"),
    web.post("/v1/sessions/{session}/refunds", _refund, name="refund"),
    web.post("/v1/sessions/{session}/void", _void, name="void"),
    web.get("/_faults", _show_faults, name="faults", allow_head=False),
    web.post("/_faults", _add_fault, name="faults"),
    web.delete("/_faults", _clear_faults, name="faults"),
]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only the key's holder in, turn refusals into JSON, and misbehave as planned. The pay page looks after itself."""
    name = request.match_info.route.name
    if name == "pay":
        return await handler(request)
    if not _is_allowed(request):
        return refusal(Refused(401, "unauthorized", "Give the API key as a bearer token."))
    fault = None if name in (None, "faults") else request.app[DESK].faults.take(name)
    if fault is None:
        return await _run(request, handler)
    return await _misbehave(request, handler, fault)


def refusal(error: Refused) -> web.Response:
    """Say no in JSON."""
    return _json({"error": {"code": error.code, "message": error.message}}, status=error.status)


async def _run(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return refusal(error)


async def _misbehave(request: web.Request, handler: Handler, fault: ApiFault) -> web.StreamResponse:
    if fault.kind == "status" and not fault.acts:
        return _broken(fault)
    answer = await _run(request, handler)
    match fault.kind:
        case "lose_reply":
            return hang_up(request)
        case "garbage":
            return web.Response(body=b"\xff<html>not what was promised", content_type="application/json")
        case "status":
            return _broken(fault)
        case "slow":
            await request.app[DESK].clock.sleep(fault.seconds)
        case "hang":
            await asyncio.Event().wait()
    return answer


def _broken(fault: ApiFault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return web.Response(status=fault.status, headers=headers, text="out of order on request")


def _is_allowed(request: web.Request) -> bool:
    given = request.headers.get("Authorization", "").encode(errors="replace")
    return hmac.compare_digest(given, f"Bearer {request.app[DESK].account.api_key}".encode())


def _key(request: web.Request) -> str:
    return request.headers.get("Idempotency-Key", "")


def _pay_url(request: web.Request, session_id: str) -> str:
    public = request.app[DESK].account.public_url.rstrip("/")
    if public:
        return f"{public}/pay/{session_id}"
    return str(request.url.origin().join(request.app.router["pay"].url_for(session=session_id)))


async def _read(request: web.Request, kind: type[_Body]) -> _Body:
    try:
        return read(await request.read(), kind)
    except Unreadable as error:
        raise Refused(422, "body_invalid", "The body is not the JSON that is expected here.") from error


def _answer(desk: Desk, done: Done, *, status: int = 200) -> web.Response:
    desk.courier.send(done.events)
    return _json(done.session.to_wire(), status=status)


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
