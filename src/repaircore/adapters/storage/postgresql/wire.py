"""Values as libpq sends them: texts without a NUL, rows as one JSON list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.json import Encoder
from psycopg.abc import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from repaircore.adapters.storage.postgresql.errors import no_nul, refused
from repaircore.adapters.storage.postgresql.link import Parameters

Row = tuple[Any, ...]

_encode: Final = Encoder().encode


def parameters(values: Iterable[Any]) -> Parameters:
    """Write parameters. Raises Rejected for a text that PostgreSQL cannot hold."""
    return tuple(_parameter(value) for value in values)


def _parameter(value: Any) -> bytes | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        raise no_nul()
    return text.encode()


def recordset(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as one list."""
    return _encode(rows)


def rows_of(answer: PGresult, transformer: Transformer) -> list[Row]:
    """Read every row of an answer. Raises the port's error when it is one."""
    if answer.status != ExecStatus.TUPLES_OK:
        raise refused(answer)
    transformer.set_pgresult(answer)
    return transformer.load_rows(0, answer.ntuples, tuple)


def touched(answer: PGresult) -> int:
    """Answer how many rows a statement changed. Raises the port's error when it is one."""
    if answer.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise refused(answer)
    return answer.command_tuples or 0
