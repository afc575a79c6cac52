"""Parameters, callers, conditions, idempotency, ids: what the toolkit does around every handler."""

import asyncio

import pytest

from repaircore.domain.errors import (
    Forbidden,
    IllegalTransition,
    InvalidValue,
    NotFound,
    ReasonRequired,
    VersionChanged,
)
from repaircore.ports.errors import (
    Conflict,
    Declined,
    InvalidResponse,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unsupported,
)
from repaircore.ports.payments import InvalidSignature
from tests.http.asking import Client, events
from tests.http.toolkit.workshop import Workshop

BOX = {"name": "M3"}


async def test_query_parameters_are_typed(client: Client) -> None:
    """Text arrives as the type the handler asks for; a Python keyword keeps its name on the wire."""
    answered = await client.get("/shelves?q=iphone+13&limit=7&from=a&colour=green")

    assert answered.json == {"id": "iphone 13", "version": 7, "name": "agreen"}


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("limt=1", {"/limt": "unknown_field"}),
        ("limit=0&colour=blue", {"/limit": "invalid_value", "/colour": "unknown_value"}),
        ("limit=", {"/limit": "invalid_value"}),
        ("limit=" + "9" * 400, {"/limit": "invalid_value"}),
        ("q=1&q=2", {"/q": "repeated"}),
        ("q=%00", {"/q": "invalid_text"}),
        ("q=" + "x" * 600, {"/q": "invalid_value"}),
    ],
)
async def test_bad_query_parameters(client: Client, query: str, pointers: dict[str, str]) -> None:
    """Each is named, with the nearest known name where there is one."""
    answered = await client.get(f"/shelves?{query}")

    assert answered.status == 422
    assert answered.pointers == pointers


async def test_the_nearest_query_parameter(client: Client) -> None:
    """A slip of the finger is told."""
    answered = await client.get("/shelves?colr=red")

    assert "did you mean 'colour'?" in answered.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/shelves/sh_1", "", 401),
        ("/shelves/sh_1", "nonsense", 401),
        ("/shelves/sh_1", "opens-shelf-1", 200),
        ("/shelves/sh_2", "opens-shelf-1", 403),
        ("/shelves/sh_2", "bot-key", 403),
        ("/shelves/sh_2", "staff-key", 200),
        ("/shelves/sh_9", "staff-key", 404),
        ("/shelves/sh_1?token=opens-shelf-1", "", 200),
        ("/shelves/sh_1?token=other", "", 401),
        ("/shelves?token=opens-shelf-1", "", 200),
        ("/mine", "", 401),
        ("/mine", "bot-key", 200),
        ("/mine", "opens-shelf-1", 200),
        ("/shelves", "nonsense", 401),
    ],
)
async def test_who_may_pass(client: Client, path: str, token: str, status: int) -> None:
    """Strangers are asked who they are, the wrong ones are refused, and a mistyped key is never taken for a stranger."""
    answered = await client.get(path, token=token)

    assert answered.status == status
    assert ("WWW-Authenticate" in answered.headers) == (status == 401)


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "staff-key"])
async def test_other_authorization(client: Client, header: str) -> None:
    """Only bearers are known."""
    answered = await client.get("/shelves", headers={"Authorization": header})

    assert answered.status == 401


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("*", 200),
        ('"3"', 200),
        ('"2", "3"', 200),
        ('"3.late"', 200),
        ('"2"', 412),
        ('W/"3"', 412),
        ("3", 412),
        ('"x"', 412),
    ],
)
async def test_if_match(client: Client, core: Workshop, header: str, status: int) -> None:
    """A change decided on another version is refused and does nothing."""
    answered = await client.post("/shelves/sh_1/tidy", token="staff-key", headers={"If-Match": header})

    assert answered.status == status
    assert core.done == (["sh_1"] if status == 200 else [])


@pytest.mark.parametrize(
    ("header", "status"), [('"3"', 304), ('W/"3"', 304), ('"1", "3"', 304), ("*", 304), ('"2"', 200), ("nonsense", 200)]
)
async def test_if_none_match(client: Client, header: str, status: int) -> None:
    """An unchanged resource is not sent again."""
    answered = await client.get("/shelves/sh_1", token="staff-key", headers={"If-None-Match": header})

    assert answered.status == status
    assert answered.headers["ETag"] == '"3"'
    assert (answered.raw == b"") == (status == 304)


async def test_a_repeat_is_answered_from_memory(client: Client, core: Workshop) -> None:
    """The same key and body give the same answer and do nothing again."""
    first = await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})
    again = await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})

    assert (again.status, again.raw) == (first.status, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert len(core.done) == 1


async def test_a_key_used_for_something_else(client: Client, core: Workshop) -> None:
    """Another body under the same key is refused; another caller's key is another key."""
    await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})
    other_body = await client.post("/boxes", {"name": "M4"}, headers={"Idempotency-Key": "k1"})
    other_caller = await client.post("/boxes", {"name": "M4"}, headers={"Idempotency-Key": "k1"}, token="bot-key")

    assert (other_body.status, other_body.json["code"]) == (422, "idempotency_key_reused")
    assert other_caller.status == 201


async def test_a_key_in_use(client: Client, core: Workshop) -> None:
    """While the first request runs, its twin waits outside."""
    core.once.running.add(("guest: POST /boxes", "k1"))

    answered = await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})

    assert (answered.status, answered.json["code"]) == (409, "idempotency_in_progress")


async def test_a_failure_is_not_remembered(client: Client, core: Workshop) -> None:
    """What failed may be tried again under the same key."""
    core.error = Unavailable("down")
    failed = await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})
    core.error = None
    again = await client.post("/boxes", BOX, headers={"Idempotency-Key": "k1"})

    assert (failed.status, again.status) == (503, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
async def test_a_key_that_is_none(client: Client, key: str) -> None:
    """Keys are 1 to 255 printable ASCII characters."""
    answered = await client.post("/boxes", BOX, headers={"Idempotency-Key": key})

    assert (answered.status, answered.json["code"]) == (400, "bad_header")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("box", "x", ("y",)), 404, "not_found"),
        (NotFound("device", "iphon", ("iphone",), pointer="/device_id"), 422, "not_found"),
        (InvalidValue("no", pointer="/name"), 422, "invalid_value"),
        (IllegalTransition(current="a", wanted="b", allowed=("c",)), 409, "illegal_transition"),
        (ReasonRequired("say why"), 422, "reason_required"),
        (Forbidden("no"), 403, "forbidden"),
        (VersionChanged(expected=1, stored=2), 412, "version_changed"),
        (Conflict("raced"), 409, "conflict"),
        (Declined("no", reason="insufficient funds"), 402, "declined"),
        (Rejected("no"), 422, "rejected"),
        (Unavailable("down", retry_after=7.2), 503, "unavailable"),
        (OutcomeUnknown("silence"), 504, "outcome_unknown"),
        (Unsupported("cannot"), 501, "unsupported"),
        (InvalidResponse("gibberish"), 502, "invalid_response"),
        (InvalidSignature("forged"), 400, "invalid_signature"),
        (ZeroDivisionError("secret figures"), 500, "internal_error"),
    ],
)
async def test_errors_become_problems(client: Client, core: Workshop, error: Exception, status: int, code: str) -> None:
    """One table says how; the document has all members that RFC 9457 and our own promise name."""
    core.error = error

    answered = await client.post("/boxes", BOX)

    problem = answered.json
    assert (answered.status, problem["status"], problem["code"]) == (status, status, code)
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "detail", "instance"}
    assert problem["instance"].endswith(answered.headers["X-Request-Id"])
    assert "secret figures" not in answered.raw.decode()


async def test_what_problems_add(client: Client, core: Workshop) -> None:
    """A refused move tells what is allowed, a missing name its place, a busy provider when to come back."""
    core.error = IllegalTransition(current="pending", wanted="completed", allowed=("confirmed",))
    move = (await client.post("/boxes", BOX)).json
    core.error = NotFound("device", "iphon", ("iphone",), pointer="/device_id")
    missing = await client.post("/boxes", BOX)
    core.error = Unavailable("down", retry_after=7.2)
    busy = await client.post("/boxes", BOX)

    assert (move["from"], move["to"], move["allowed"]) == ("pending", "completed", ["confirmed"])
    assert missing.pointers == {"/device_id": "not_found"}
    assert "did you mean 'iphone'?" in missing.json["detail"]
    assert busy.headers["Retry-After"] == "7"


async def test_an_unforeseen_error_is_logged_without_values(client: Client, core: Workshop) -> None:
    """Under the request's id, with type and place, never with what it said."""
    core.error = ZeroDivisionError("secret figures")

    answered = await client.post("/boxes", BOX)

    (line,) = events(client.lines, "request failed")
    assert line["error"] == "ZeroDivisionError"
    assert line["request_id"] == answered.headers["X-Request-Id"]
    assert any("workshop.py" in frame for frame in line["where"])
    assert "secret figures" not in client.log.getvalue().decode()


async def test_one_line_for_each_request(client: Client) -> None:
    """It names the route's template, never the path, which may hold a token."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-Id": "mine-1", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answered = await client.get("/shelves/sh_1?token=opens-shelf-1", headers=headers)

    (line,) = events(client.lines, "request")
    assert answered.headers["X-Request-Id"] == "mine-1"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/shelves/{shelf_id}", 200)
    assert (line["request_id"], line["trace_id"], line["who"]) == ("mine-1", trace, "guest")
    assert "opens-shelf-1" not in client.log.getvalue().decode()


@pytest.mark.parametrize("given", ["a b", "x" * 129, "é", ""])
async def test_an_odd_request_id_is_replaced(client: Client, given: str) -> None:
    """Only sane ids are taken over."""
    answered = await client.get("/shelves", headers={"X-Request-Id": given})

    assert answered.headers["X-Request-Id"] == "req_1-1"


@pytest.mark.parametrize(
    "header", ["nonsense", "ff-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-" + "0" * 32 + "-" + "b" * 16 + "-01"]
)
async def test_an_odd_traceparent_is_left_alone(client: Client, header: str) -> None:
    """It says nothing, and harms nothing."""
    answered = await client.get("/shelves", headers={"traceparent": header})

    assert answered.status == 200
    assert "trace_id" not in client.lines[0]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("DELETE", "/boxes", 405, "method_not_allowed"),
        ("GET", "/shelves/%00", 404, "not_found"),
        ("OPTIONS", "/shelves", 405, "method_not_allowed"),
    ],
)
async def test_where_nothing_is(client: Client, method: str, path: str, status: int, code: str) -> None:
    """Paths and methods that are not there are problem documents too."""
    answered = await client.send(method, path, token="staff-key")

    assert (answered.status, answered.json["code"]) == (status, code)
    assert answered.headers["X-Request-Id"]


async def test_what_a_path_allows(client: Client) -> None:
    """405 names it."""
    answered = await client.send("DELETE", "/shelves/sh_1/tidy")

    assert answered.headers["Allow"] == "POST"


async def test_head(client: Client) -> None:
    """HEAD is GET without the body."""
    answered = await client.send("HEAD", "/shelves")

    assert (answered.status, answered.raw) == (200, b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /boxes HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /boxes HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_is_not_http(client: Client, raw: bytes) -> None:
    """Even that gets a problem document with a request id."""
    head, body = await spoken(client, raw)

    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"application/problem+json" in head
    assert b"X-Request-Id: req_" in head
    assert b'"code":"malformed_http"' in body


async def test_other_expectations(client: Client) -> None:
    """Only 100-continue can be expected."""
    head, _ = await spoken(
        client, b"GET /shelves HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nConnection: close\r\n\r\n"
    )

    assert head.startswith(b"HTTP/1.1 417 ")


async def spoken(client: Client, raw: bytes) -> tuple[bytes, bytes]:
    """Say bytes to the server and hear it out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(client.base.rpartition(":")[2]))
    writer.write(raw)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body
