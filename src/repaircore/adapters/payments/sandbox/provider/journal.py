"""What the sandbox remembers over a restart: a file of JSON lines, each the latest word on one thing."""

import os
from pathlib import Path
from typing import IO

import msgspec
from attrs import define, field, frozen

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.provider.sessions import Session
from repaircore.adapters.payments.sandbox.wire import Moment


@frozen(kw_only=True)
class KeyUse:
    """An idempotency key, what was asked with it (a digest) and the session it was about."""

    key: str
    fingerprint: str
    session_id: str


@frozen(kw_only=True)
class Event:
    """News for the shop. The body is fixed when it happens; `done` once it was accepted or given up."""

    id: str
    type: str
    created_at: Moment
    body: str
    done: bool = False


@frozen(kw_only=True)
class Record:
    """One line."""

    session: Session | None = None
    use: KeyUse | None = None
    event: Event | None = None


@define
class Journal:
    """Everything known, in memory, and in a file as well when a path is given."""

    path: Path | None = None
    sessions: dict[str, Session] = field(factory=dict, init=False)
    uses: dict[str, KeyUse] = field(factory=dict, init=False)
    events: dict[str, Event] = field(factory=dict, init=False)
    _file: IO[bytes] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        if self.path is not None:
            self._load(self.path)

    def add(self, *, session: Session | None = None, use: KeyUse | None = None, event: Event | None = None) -> None:
        """Remember these, in place of what was known under the same id."""
        record = Record(session=session, use=use, event=event)
        self._take(record)
        if self._file is not None:
            self._file.write(msgspec.json.encode(record) + b"\n")
            self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _load(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        for number, line in enumerate(lines[:-1], start=1):  # what follows the last newline was cut off by a crash
            try:
                self._take(read(line, Record))
            except Unreadable as damage:
                raise ValueError(f"{path}, line {number} is damaged: move the file away to start afresh") from damage
        if path.exists():
            self._compact(path)
        self._file = path.open("ab")

    def _compact(self, path: Path) -> None:
        records = (
            *(Record(session=each) for each in self.sessions.values()),
            *(Record(use=each) for each in self.uses.values()),
            *(Record(event=each) for each in self.events.values() if not each.done),
        )
        fresh = path.with_name(f"{path.name}.{os.getpid()}")  # a server beside may be starting, too
        fresh.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
        fresh.replace(path)

    def _take(self, record: Record) -> None:
        if record.session is not None:
            self.sessions[record.session.id] = record.session
        if record.use is not None:
            self.uses[record.use.key] = record.use
        if record.event is not None:
            self._take_event(record.event)

    def _take_event(self, event: Event) -> None:
        if event.done:
            self.events.pop(event.id, None)
        else:
            self.events[event.id] = event
