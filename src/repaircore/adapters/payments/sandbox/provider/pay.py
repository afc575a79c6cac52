"""The page where the customer pays. A browser sends its form; a script sends JSON to the same address."""

import msgspec
from aiohttp import web
from attrs import frozen

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.provider import pages
from repaircore.adapters.payments.sandbox.provider.cards import verdict
from repaircore.adapters.payments.sandbox.provider.desk import DESK, hang_up
from repaircore.adapters.payments.sandbox.provider.faults import PayFaults, read_pay_faults
from repaircore.adapters.payments.sandbox.provider.sessions import PAYABLE, Refused, Session, Status

_CLOSED = frozenset({Status.DECLINED, Status.VOIDED})


@frozen
class Attempt:
    """What the customer sent. The card number lives no longer than the request."""

    card: str = ""
    challenge: str = ""
    faults: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Attempt(…)"


async def _show(request: web.Request) -> web.Response:
    try:
        return _page(request.app[DESK].bank.get(request.match_info["session"]))
    except Refused as error:
        return _html(pages.problem(error.message), status=error.status)


async def _pay(request: web.Request) -> web.Response:
    as_json = request.content_type == "application/json"
    try:
        attempt = await (_read_json(request) if as_json else _read_form(request))
        before, after, faults = _settle(request, attempt)
    except Refused as error:
        return _problem_json(error) if as_json else _problem_page(request, error)
    if faults.lose_reply:
        return hang_up(request)
    return _answer_json(before, after) if as_json else _answer_page(after)


ROUTES = [
    web.get("/pay/{session}", _show, name="pay", allow_head=False),
    web.post("/pay/{session}", _pay, name="pay"),
]


def _settle(request: web.Request, attempt: Attempt) -> tuple[Session, Session, PayFaults]:
    desk, session_id = request.app[DESK], request.match_info["session"]
    before = desk.bank.get(session_id)
    if before.status in _CLOSED:
        raise Refused(409, f"session_{before.status}", f"This checkout is closed: it was {before.status}.")
    faults = read_pay_faults(attempt.faults)
    if attempt.challenge not in ("", "pass", "fail"):
        raise Refused(422, "challenge_invalid", "The challenge is pass or fail.")
    done = desk.bank.pay(session_id, verdict(attempt.card) if attempt.card else None, attempt.challenge)
    desk.courier.send(done.events, faults)
    return before, done.session, faults


async def _read_json(request: web.Request) -> Attempt:
    try:
        return read(await request.read(), Attempt)
    except Unreadable as error:
        raise Refused(
            422, "body_invalid", 'Send {"card": …, "challenge"?: "pass" or "fail", "faults"?: […]}.'
        ) from error


async def _read_form(request: web.Request) -> Attempt:
    form = await request.post()
    faults = tuple(word for word in form.getall("faults", []) if isinstance(word, str))
    return Attempt(card=str(form.get("card", "")), challenge=str(form.get("challenge", "")), faults=faults)


def _answer_json(before: Session, after: Session) -> web.Response:
    declined = after.operations[-1].detail if after.status is Status.DECLINED else ""
    body = {
        "status": after.status,
        "changed": after != before,
        "reason": declined,
        "challenge_required": after.status is Status.CHALLENGE,
        "return_url": after.return_url,
    }
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def _answer_page(session: Session) -> web.Response:
    if session.status in PAYABLE or not pages.may_redirect(session.return_url):
        return _page(session)
    return web.Response(status=303, headers={"Location": session.return_url})


def _problem_json(error: Refused) -> web.Response:
    body = {"error": {"code": error.code, "message": error.message}}
    return web.Response(body=msgspec.json.encode(body), status=error.status, content_type="application/json")


def _problem_page(request: web.Request, error: Refused) -> web.Response:
    session = request.app[DESK].bank.journal.sessions.get(request.match_info["session"])
    if session is None or session.status not in PAYABLE:
        return _html(pages.problem(error.message), status=error.status)
    return _html(pages.checkout(session, problem=error.message), status=error.status)


def _page(session: Session) -> web.Response:
    return _html(pages.checkout(session) if session.status in PAYABLE else pages.result(session))


def _html(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=pages.HEADERS)
