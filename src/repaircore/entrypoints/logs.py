"""JSON logs, one object per line: request ids in, personal data and secrets out.

The access line is written here directly, because every request pays for it. Everything else goes through structlog, which is
loaded when the first such line is written: a server that has nothing to say starts sooner.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol

import msgspec

from repaircore.ports.errors import PortError

Fields = Mapping[str, Any]

correlation: ContextVar[Fields] = ContextVar("correlation", default={})  # noqa: B039 - never mutated
"""What ties lines together: the request's id and its trace's."""

_encode = msgspec.json.Encoder().encode


class Stream(Protocol):
    """Where lines go, in bytes."""

    def write(self, line: bytes, /) -> object: ...

    def flush(self) -> None: ...


class JsonLog:
    """Writes lines to one stream. Fields must be plain values; a caller never passes personal data or secrets."""

    __slots__ = ("_logger", "_stream")

    def __init__(self, stream: Stream | None = None) -> None:
        self._stream: Stream = stream or sys.stderr.buffer
        self._logger: Any = None

    def access(self, method: str, route: str, status: int, seconds: float, who: str) -> None:
        """Tell of one request: the route's template, never the path, which may hold a token."""
        self.line(
            {
                "at": datetime.now(UTC),
                "level": "info",
                "event": "request",
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 3),
                "who": who,
                **correlation.get(),
            }
        )

    def info(self, event: str, **fields: Any) -> None:
        """Tell of something that happened."""
        self._structlog().info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Tell of something to look at."""
        self._structlog().warning(event, **fields)

    def error(self, event: str, error: BaseException | None = None, **fields: Any) -> None:
        """Tell of something that went wrong; of the error its type and where it was, never values."""
        self._structlog().error(event, **(told(error) if error else {}), **fields)

    def line(self, fields: Fields) -> None:
        """Write one line as it is."""
        self._stream.write(_encode(fields) + b"\n")
        self._stream.flush()

    def _structlog(self) -> Any:
        if self._logger is None:
            import structlog

            self._logger = structlog.wrap_logger(
                structlog.BytesLogger(self._stream),  # type: ignore[arg-type]
                processors=[
                    structlog.processors.add_log_level,
                    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                    _correlate,
                    _render,
                ],
                wrapper_class=structlog.BoundLogger,
            )
        return self._logger


def _correlate(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**event, **correlation.get()}


def _render(_: object, __: str, event: MutableMapping[str, Any]) -> bytes:
    return _encode(event)


def told(error: BaseException) -> Fields:
    """Describe an error without its values: type, frames, and the text only where our ports promise that it is clean."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    text = {"detail": str(error)} if isinstance(error, PortError) else {}
    cause = error.__cause__ or error.__context__
    because = {"cause": type(cause).__name__} if cause else {}
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "where": where, **text, **because}


class Bridge(logging.Handler):
    """Carries what libraries log through the standard module: logger, level and error type; never their text, which may quote a request."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__(level=logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as one of our lines."""
        info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None
        info = record.exc_info
        error = info[1] if info else None
        self._log.error("library", error, logger=record.name, library_level=record.levelname.lower())


def capture_libraries(log: JsonLog) -> None:
    """Send what libraries log to our stream, once."""
    root = logging.getLogger()
    if not any(isinstance(handler, Bridge) for handler in root.handlers):
        root.addHandler(Bridge(log))
