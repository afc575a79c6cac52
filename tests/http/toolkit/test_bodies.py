"""What bad bodies get."""

import gzip
import json

import pytest

from tests.http.asking import Client
from tests.http.toolkit.workshop import Workshop


async def test_a_good_body(client: Client, core: Workshop) -> None:
    """Everything in it reaches the handler, and the answer is what the handler gave."""
    answered = await client.post("/boxes", {"name": "M3", "screws": [{"size": 3}]})

    assert answered.status == 201
    assert answered.json == {"id": "sh_1", "version": 1, "name": "M3"}
    assert answered.headers["Location"] == "/shelves/sh_1"
    assert answered.headers["ETag"] == '"1"'
    assert core.done[0].screws[0].size == 3


async def test_every_fault_is_named(client: Client, core: Workshop) -> None:
    """A client repairs its request in one go: each fault with its pointer, unknown fields with the nearest known one."""
    answered = await client.post(
        "/boxes",
        {
            "nmae": "M3",
            "colour": "gren",
            "screws": [{"size": 0}, {"size": "3", "labl": ""}, 7],
            "best_before": "2026-05-01T10:00:00",
            "lid": {},
        },
    )

    assert answered.status == 422
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert answered.json["code"] == "invalid_request"
    assert answered.pointers == {
        "/nmae": "unknown_field",
        "/name": "missing_field",
        "/colour": "unknown_value",
        "/screws/0/size": "invalid_value",
        "/screws/1/size": "wrong_type",
        "/screws/1/labl": "unknown_field",
        "/screws/2": "wrong_type",
        "/best_before": "invalid_value",
        "/lid/size": "missing_field",
    }
    messages = {each["pointer"]: each["message"] for each in answered.json["errors"]}
    assert "did you mean 'name'?" in messages["/nmae"]
    assert "did you mean 'green'?" in messages["/colour"]
    assert messages["/screws/1/size"] == "expected a whole number, got text"
    assert core.done == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "Expecting value"),
        (b'{"name": "M3"', "line 1, column 14"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": -Infinity}', "-Infinity"),
        (b'{"name": "\xff"}', "byte 10"),
        (b'{"name": "\xed\xa0\x80"}', "byte 10"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"name": "a\x00b"}', "control character"),
        (b'{"name": "M3"} x', "Extra data"),
        (b'{"name": ' + b"[" * 500_000, "nested too deeply"),
        (b'{"screws": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    ],
)
async def test_what_is_not_json(client: Client, core: Workshop, raw: bytes, says: str) -> None:
    """A body that cannot be read is 400 and says where."""
    answered = await client.post_raw("/boxes", raw)

    assert answered.status == 400
    assert answered.json["code"] == "malformed_json"
    assert says in answered.json["detail"]
    assert core.done == []


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        (b'{"name": "\\ud800"}', "/name", "invalid_text"),
        (b'{"name": "a\\u0000b"}', "/name", "invalid_text"),
        (b'{"name": "x", "\\udfff": 1}', "/?", "unknown_field"),
        (b'{"name": "x", "a/b~c": 1}', "/a~1b~0c", "unknown_field"),
        (b'{"name": "x", "screws": [{"size": ' + b"9" * 5000 + b"}]}", "/screws/0/size", "invalid_value"),
        (b'{"name": "x", "screws": [{"size": 1e400}]}', "/screws/0/size", "wrong_type"),
        (b'{"name": "x", "screws": [{"size": 1.0}]}', "/screws/0/size", "wrong_type"),
        (b'{"name": "x", "screws": [{"size": true}]}', "/screws/0/size", "wrong_type"),
        (b'{"name": ""}', "/name", "invalid_value"),
        (b'{"name": null}', "/name", "wrong_type"),
        (b"[]", "", "wrong_type"),
        (b"null", "", "wrong_type"),
        (b'"x"', "", "wrong_type"),
    ],
)
async def test_what_no_field_can_hold(client: Client, core: Workshop, raw: bytes, pointer: str, code: str) -> None:
    """JSON that is well-formed and still cannot be stored exactly is 422 with its pointer."""
    answered = await client.post_raw("/boxes", raw)

    assert answered.status == 422
    assert answered.pointers == {pointer: code}
    assert core.done == []


async def test_an_escaped_backslash_is_not_nul(client: Client, core: Workshop) -> None:
    """Text that only looks like the escape of NUL is legal."""
    answered = await client.post_raw("/boxes", b'{"name": "\\\\u0000"}')

    assert answered.status == 201
    assert core.done[0].name == "\\u0000"


async def test_a_huge_unknown_name(client: Client) -> None:
    """A name of half a megabyte costs no time and is quoted shortened."""
    answered = await client.post("/boxes", {"name": "x", "y" * 500_000: 1})

    assert answered.status == 422
    assert len(answered.raw) < 1000


async def test_many_faults(client: Client) -> None:
    """A hundred thousand faults are told as the first fifty."""
    answered = await client.post("/boxes", {"name": "x", **{f"field{n}": 1 for n in range(50_000)}})

    assert answered.status == 422
    assert len(answered.json["errors"]) == 50


async def test_ten_megabytes(client: Client, core: Workshop) -> None:
    """A body over the limit is 413, whether its length is announced or not."""
    big = json.dumps({"name": "x" * 10_000_000}).encode()

    announced = await client.post_raw("/boxes", big)
    chunked = await client.send("POST", "/boxes", raw=big, chunked=True)

    assert (announced.status, chunked.status) == (413, 413)
    assert announced.json["code"] == "body_too_large"
    assert core.done == []


async def test_a_compressed_bomb(client: Client) -> None:
    """The limit is on what a body unpacks to."""
    bomb = gzip.compress(json.dumps({"name": "x" * 50_000_000}).encode())

    answered = await client.post_raw("/boxes", bomb, headers={"Content-Encoding": "gzip"})

    assert answered.status == 413


async def test_a_broken_encoding(client: Client) -> None:
    """A body that is not what its headers say is the client's fault."""
    answered = await client.post_raw("/boxes", b"not gzip at all", headers={"Content-Encoding": "gzip"})

    assert answered.status == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json; charset=latin-1", "json"])
async def test_the_wrong_content_type(client: Client, kind: str) -> None:
    """Only JSON in UTF-8 is read."""
    answered = await client.post_raw("/boxes", b'{"name": "x"}', headers={"Content-Type": kind})

    assert answered.status == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
async def test_the_right_content_type(client: Client, kind: str) -> None:
    """However it is written."""
    answered = await client.post_raw("/boxes", b'{"name": "x"}', headers={"Content-Type": kind})

    assert answered.status == 201


async def test_a_body_that_may_be_left_out(client: Client) -> None:
    """A move without details needs no body; one with an unknown field is refused."""
    without = await client.post("/shelves/sh_1/tidy", token="staff-key")
    unknown = await client.post("/shelves/sh_1/tidy", {"broom": 1}, token="staff-key")

    assert without.status == 200
    assert unknown.pointers == {"/broom": "unknown_field"}


async def test_raw_bytes(client: Client, core: Workshop) -> None:
    """A webhook's handler sees the bytes and the headers as they came."""
    answered = await client.post_raw("/hooks", b'{"a":  1}', headers={"X-Seal": "s", "Idempotency-Key": "k" * 300})

    assert answered.json["id"] == "s"
    assert core.done[0].body == b'{"a":  1}'
