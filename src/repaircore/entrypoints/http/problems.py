"""Problem documents (RFC 9457): the one table from what went wrong to what the client is told."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web
from attrs import frozen

from repaircore.application.operations.once import InProgress, KeyReused
from repaircore.domain.errors import (
    DepositRequired,
    DomainError,
    Forbidden,
    IllegalTransition,
    InvalidValue,
    NotFound,
    NothingDue,
    NotOffered,
    QuoteChanged,
    QuoteExpired,
    QuoteUsed,
    ReasonRequired,
    VersionChanged,
)
from repaircore.domain.pricing.margin import MarginTooLow, NotPricedOnline
from repaircore.domain.pricing.problems import RulebookInvalid
from repaircore.domain.pricing.promotions import PromotionUnusable
from repaircore.entrypoints.http.refusals import Refusal
from repaircore.ports.errors import (
    AlreadyExists,
    Conflict,
    Declined,
    InvalidResponse,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unsupported,
)
from repaircore.ports.payments import InvalidSignature

_HEADERS = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
Members = Mapping[str, Any]

_encode = msgspec.json.Encoder().encode


@frozen
class Answer:
    """How one kind of error is answered. `more` adds members, `headers` headers, both read from the error; `detail` replaces its text."""

    status: int
    title: str
    code: str = ""
    detail: str = ""
    more: Callable[[Any], Members] = lambda _: {}
    headers: Callable[[Any], Mapping[str, str]] = lambda _: {}


def _pointed(error: Any) -> Members:
    pointer = getattr(error, "pointer", "")
    return {"errors": [{"pointer": pointer, "message": str(error), "code": error.code}]} if pointer else {}


def _faulty(error: RulebookInvalid) -> Members:
    return {"errors": [{"pointer": "", "message": each.message, "code": each.code} for each in error.problems[:100]]}


def _moves(error: IllegalTransition) -> Members:
    return {"from": error.current, "to": error.wanted, "allowed": list(error.allowed)}


def _retry(error: Unavailable) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, round(error.retry_after or 5)))}


ANSWERS: Mapping[type[Exception], Answer] = {
    NotFound: Answer(404, "Not found"),
    InvalidValue: Answer(422, "A value cannot be used", more=_pointed),
    RulebookInvalid: Answer(422, "The rulebook has errors", detail="it cannot be published as it is", more=_faulty),
    NotOffered: Answer(422, "Not offered for this device", more=_pointed),
    QuoteExpired: Answer(409, "The quote has expired"),
    QuoteChanged: Answer(409, "The quote has changed"),
    QuoteUsed: Answer(409, "The quote already became a booking"),
    IllegalTransition: Answer(409, "The booking cannot make this move", more=_moves),
    ReasonRequired: Answer(422, "A reason is required", more=_pointed),
    DepositRequired: Answer(409, "The deposit comes first"),
    NothingDue: Answer(409, "Nothing is due"),
    PromotionUnusable: Answer(409, "The promotion cannot be used", more=lambda error: {"promo_code": error.promo_code}),
    MarginTooLow: Answer(409, "The price needs approval"),
    NotPricedOnline: Answer(409, "The price is given by the shop"),
    VersionChanged: Answer(412, "It has changed meanwhile"),
    Forbidden: Answer(403, "Not allowed"),
    InProgress: Answer(409, "The same request is being answered", headers=lambda _: {"Retry-After": "1"}),
    KeyReused: Answer(422, "The idempotency key belongs to another request"),
    DomainError: Answer(409, "The business does not allow this"),
    Conflict: Answer(
        409, "Somebody else was faster", detail="it was changed at the same moment: read it again and decide again"
    ),
    AlreadyExists: Answer(409, "It exists already"),
    Declined: Answer(402, "The payment was declined", more=lambda error: {"reason": error.reason}),
    Rejected: Answer(422, "The provider refused"),
    Unavailable: Answer(503, "Try again later", headers=_retry),
    OutcomeUnknown: Answer(
        504,
        "The provider did not answer",
        detail="the provider was asked and did not answer, so it may have acted: do not start over. Read the payment again in a "
        "moment or ask for its verification; it is looked up before anything is repeated",
    ),
    Unsupported: Answer(501, "The configured provider cannot do this"),
    InvalidResponse: Answer(
        502,
        "The provider's answer was not understood",
        detail="nothing was taken as done or undone because of it; the shop has been told",
    ),
    InvalidSignature: Answer(400, "The signature is not the provider's", code="invalid_signature"),
}

UNFORESEEN = Answer(
    500,
    "Something went wrong here",
    code="internal_error",
    detail="it was recorded under the request id, please quote it to the shop",
)


def answer_for(error: Exception) -> Answer:
    """Find the closest entry of the table. A NotFound that a request's field caused is a fault of the request."""
    if isinstance(error, NotFound) and error.pointer:
        return Answer(422, "The request names something that does not exist", more=_pointed)
    return next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), UNFORESEEN)


def problem(error: Exception, request_id: str) -> web.Response:
    """Answer an error. Nothing of an unforeseen one is told but the request id under which it is logged."""
    if isinstance(error, Refusal):
        return _refused(error, request_id)
    if isinstance(error, web.HTTPException):
        return document(error.status, "http_error", error.reason, error.reason.lower(), request_id)
    answer = answer_for(error)
    code = answer.code or getattr(error, "code", "internal_error")
    detail = answer.detail or str(error)
    return document(
        answer.status, code, answer.title, detail, request_id, more=answer.more(error), headers=answer.headers(error)
    )


def document(
    status: int,
    code: str,
    title: str,
    detail: str,
    request_id: str,
    *,
    more: Members | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Write a problem document."""
    body = {
        "type": f"urn:repaircore:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:repaircore:request:{request_id}",
        "code": code,
        **(more or {}),
    }
    told = {**_HEADERS, **(headers or {})}
    return web.Response(body=_encode(body), status=status, headers=told)


def _refused(error: Refusal, request_id: str) -> web.Response:
    errors = [{"pointer": each.pointer, "message": each.message, "code": each.code} for each in error.errors]
    more = {**({"errors": errors} if errors else {}), **error.more}
    return document(error.status, error.code, error.title, str(error), request_id, more=more, headers=error.headers)
