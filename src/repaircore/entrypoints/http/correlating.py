"""Request ids and traces: accepted from the client where they are sane, made otherwise, and bound to every log line."""

import re
from itertools import count
from typing import Protocol

from repaircore.entrypoints.logs import correlation

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_NO_TRACE = "0" * 32


class Ids(Protocol):
    """What this module needs of the id port."""

    def new(self, prefix: str) -> str: ...


class RequestIds:
    """Numbers a server's requests under one id that the server drew when it started: every request pays for it, so it is cheap."""

    __slots__ = ("_numbers", "_server")

    def __init__(self, ids: Ids) -> None:
        self._server = ids.new("req")
        self._numbers = count(1)

    def new(self) -> str:
        """Make the next id."""
        return f"{self._server}-{next(self._numbers):x}"


def correlate(ids: RequestIds, request_id: str | None, traceparent: str | None) -> str:
    """Answer the request's id, and bind it (and the trace's) to whatever this request logs."""
    if request_id is None or not _ID.fullmatch(request_id):
        request_id = ids.new()
    if traceparent is None:
        correlation.set({"request_id": request_id})
    else:
        correlation.set({"request_id": request_id, **_trace(traceparent)})
    return request_id


def _trace(traceparent: str) -> dict[str, str]:
    """Read the trace's id (W3C Trace Context); a header that is not one says nothing."""
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None or traceparent.startswith("ff") or match.group(1) == _NO_TRACE:
        return {}
    return {"trace_id": match.group(1), "parent_id": match.group(2)}
