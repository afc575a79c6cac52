"""Whether two programs give the same answers, and write as much, for the same requests."""

import json
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection

_EACH_ITS_OWN = ("id", "ticket", "created_at")


def differences(
    port: int, lines: Mapping[str, Sequence[bytes]], rows: Callable[[], Sequence[int]], first: dict[str, object]
) -> list[str]:
    """Name the kinds of requests that this program answers otherwise than the first one; `first` keeps what that one said. `rows`
    counts what it wrote."""
    told: dict[str, object] = {kind: [_asked(port, line) for line in each] for kind, each in lines.items()}
    told["a month that does not exist"] = _asked(port, _with(lines["quotes"][0], b'"month": ', b'"month": 9'))[0]
    told["an altered webhook"] = _asked(port, _with(lines["webhook"][0], b"succeeded", b"succeedeD"))[0]
    told["rows"] = rows()
    if not first:
        first.update(told)
    return [kind for kind, said in told.items() if said != first[kind]]


def _asked(port: int, raw: bytes) -> tuple[int, object]:
    head, _, body = raw.partition(b"\r\n\r\n")
    start, *headers = head.decode().split("\r\n")
    method, path, _ = start.split(" ")
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    given = dict(header.split(": ", 1) for header in headers if not header.startswith("Content-Length"))
    connection.request(method, path, body=body or None, headers=given)
    response = connection.getresponse()
    text = response.read().decode().replace("+00:00", "Z")
    connection.close()
    if response.status >= 400:
        return 400, None  # the peers say 400 or 422 for the same
    answer = json.loads(text)
    if response.status == 201:
        answer = {name: value for name, value in answer.items() if name not in _EACH_ITS_OWN}
    return response.status, answer


def _with(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Alter a body; its length is told anew when it is sent."""
    return raw.replace(old, new)
