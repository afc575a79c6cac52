"""The writes of many units of work as few statements: rows of one kind go together, as long as nobody could tell.

Writes to different tables never depend on each other. On one table their order is kept, except that rows may be added and saved
together with others of their kind when nothing about the same row stands in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from attrs import define, field, frozen

from repaircore.adapters.storage.postgresql.link import Statement
from repaircore.adapters.storage.postgresql.locks import lock_of_code, lock_of_key
from repaircore.adapters.storage.postgresql.sql import CELLS
from repaircore.adapters.storage.postgresql.wire import recordset
from repaircore.adapters.storage.relational.gathering import Write
from repaircore.domain.errors import DomainError


@frozen
class Kind:
    """How writes of one kind are sent. `key`: the cell that names the row. `free`: other rows may be written before it. `together`:
    rows share a statement. `numbered`: their order matters."""

    statement: str
    table: int
    key: int | None = None
    free: bool = False
    together: bool = True
    guarded: bool = False
    numbered: bool = False


# In the order in which transactions write to them, always the same, so that two of them never wait for each other. Events come
# last, for only one transaction at a time may append them.
_TABLES: Final[Sequence[Sequence[tuple[str, Mapping[str, Any]]]]] = (
    (("quote_add", {"key": 0, "free": True}), ("quote_save", {"key": -2, "free": True, "guarded": True})),
    (("booking_add", {"key": 0, "free": True}), ("booking_save", {"key": -2, "free": True, "guarded": True})),
    (("history_add", {}),),
    (("word_add", {}), ("word_drop", {})),
    (("payment_add", {"key": 0}), ("payment_save", {"key": -2, "guarded": True})),
    (("entry_add", {}),),
    (("posting_add", {}),),
    (("rulebook_add", {}),),
    (("publication_add", {}),),
    (("draft_add", {}),),
    (("catalogue_keep", {}),),
    (("catalogue_publish", {}),),
    (("catalogue_draft_add", {}),),
    (("price_change_add", {}),),
    (("market_add", {}),),
    (("inbox_add", {}),),
    (("key_add", {}), ("key_revoke", {})),
    (("replay_add", {}), ("replay_prune", {})),
    (("promotion_use", {"together": False, "guarded": True}), ("promotion_give_back", {})),
    (("job_add", {"numbered": True}),),
    (("event_add", {"numbered": True}),),
)
KINDS: Final = {name: Kind(name, place, **options) for place, kinds in enumerate(_TABLES) for name, options in kinds}
KINDS["job_add_in_order"] = KINDS["job_add"]
NAMES: Final = {name: tuple(cells.split()) for name, cells in CELLS.items()}
_CODE: Final = 0
_ORDERING_KEY: Final = NAMES["job_add_in_order"].index("key")
_UNIQUE_KEY: Final = NAMES["job_add_in_order"].index("unique_key")


@define
class Step:
    """One statement and its rows. `refusal` is what a guarded one without its row means."""

    kind: Kind
    refusal: DomainError | None = None
    rows: list[dict[str, Any]] = field(factory=list)
    keys: set[Any] = field(factory=set)

    def statement(self) -> Statement:
        """Write it for the wire. Raises UnicodeEncodeError for what is no Unicode."""
        rows = recordset(self.rows)
        return self.kind.statement, (rows, str(len(self.rows)).encode()) if self.kind.guarded else (rows,)


class Plan(NamedTuple):
    """What one transaction does: statements in order, and the locks that it takes before all of them."""

    steps: Sequence[Step]
    locks: Sequence[int]
    promotes: Sequence[str]

    @property
    def enqueues(self) -> bool:
        """Whether there is work for the queue."""
        return any(step.kind is KINDS["job_add"] for step in self.steps)

    @property
    def records(self) -> bool:
        """Whether there are events, which are appended in the order of commits."""
        return bool(self.steps) and self.steps[-1].kind is KINDS["event_add"]


def plan(units: Iterable[Sequence[Write]]) -> Plan:
    """Put the writes of all units into as few statements as may be."""
    tables: dict[int, list[Step]] = {}
    locks: set[int] = set()
    promotes: set[str] = set()
    for writes in units:
        for write in writes:
            kind = KINDS[write.statement]
            step = _place(tables.setdefault(kind.table, []), kind, write)
            row = row_of(write)
            if kind.numbered:
                row["n"] = len(step.rows)
            step.rows.append(row)
            if write.statement == "job_add_in_order":
                locks.add(lock_of_key(write.cells[_ORDERING_KEY]))
                if write.cells[_UNIQUE_KEY]:
                    promotes.add(write.cells[_ORDERING_KEY])
            elif write.statement == "promotion_use":
                locks.add(lock_of_code(write.cells[_CODE]))
    steps = [step for place in sorted(tables) for step in tables[place]]
    return Plan(steps, sorted(locks), sorted(promotes))


def row_of(write: Write) -> dict[str, Any]:
    """Name the cells."""
    return dict(zip(NAMES[write.statement], write.cells, strict=True))


def _place(steps: list[Step], kind: Kind, write: Write) -> Step:
    """Find the statement that a row may join, or begin another one."""
    key = None if kind.key is None else write.cells[kind.key]
    if kind.together:
        for step in reversed(steps):
            if step.kind is kind and not (kind.guarded and key in step.keys):
                step.keys.add(key)
                return step
            if not kind.free or key in step.keys:
                break
    steps.append(Step(kind, write.refusal, keys={key}))
    return steps[-1]
