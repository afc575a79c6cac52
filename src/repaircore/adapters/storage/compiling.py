"""Statements compiled ahead of time to each database's SQL: `python -m repaircore.adapters.storage.compiling` writes it."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import ClauseElement

from repaircore.adapters.storage.recordsets import queue, writes
from repaircore.adapters.storage.statements import Statements, all_statements


class _Compiler(SQLiteCompiler):
    """Leaves out the OFFSET 0 that nobody asked for."""

    def limit_clause(self, select: Any, **options: Any) -> str:
        return f" LIMIT {self.process(select._limit_clause, **options)}"


class _Dialect(SQLiteDialect_pysqlite):
    statement_compiler = _Compiler


_PostgreSQL: Any = PGDialect


def for_sqlite(statement: ClauseElement) -> tuple[str, tuple[str, ...]]:
    """Compile to SQLite's SQL; answer its text on one line and the names of its parameters in order."""
    return _compiled(statement, _Dialect(paramstyle="qmark"))


def for_postgresql(statement: ClauseElement) -> tuple[str, tuple[str, ...]]:
    """Compile to PostgreSQL's SQL, its parameters numbered in the same order as SQLite's."""
    sql, names = _compiled(statement, _PostgreSQL(paramstyle="qmark"))
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql), names


def _compiled(statement: ClauseElement, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    result = statement.compile(dialect=dialect)
    names = tuple(name.removeprefix("p_") for name in (getattr(result, "positiontup", None) or ()))
    return " ".join(str(result).split()), names


def postgresql_statements() -> Statements:
    """PostgreSQL's statements: it reads as SQLite does, and writes and queues in its own way."""
    shared = all_statements()
    own = {*writes(), "job_add_in_order", "jobs_due", "job_promote"}
    return {**{name: each for name, each in shared.items() if name not in own}, **writes(), **queue()}


def sqlite_source() -> str:
    """Answer the text of `sqlite/sql.py`."""
    return "\n".join([*_head("SQLite"), *_table(all_statements(), for_sqlite)]) + "\n"


def postgresql_source() -> str:
    """Answer the text of `postgresql/sql.py`."""
    shared = all_statements()
    gathered = {name: for_sqlite(shared[name])[1] for name in (*writes(), "job_add_in_order")}
    lines = [*_head("PostgreSQL"), *_table(postgresql_statements(), for_postgresql), ""]
    lines += ["CELLS: Final[dict[str, str]] = {"]
    lines += [f'    "{name}": "{" ".join(cells)}",' for name, cells in gathered.items()]
    lines += ["}", '"""What the cells of each gathered write are, in order."""']
    return "\n".join(lines) + "\n"


SOURCES = {"sqlite": sqlite_source, "postgresql": postgresql_source}


def _head(database: str) -> Iterator[str]:
    yield f'"""{database}\'s SQL, compiled from `storage/statements.py` by `storage/compiling.py`: never edit it."""'
    yield "# ruff: noqa: E501"
    yield ""
    yield "from typing import Final"
    yield ""


def _table(statements: Statements, compile: Callable[[ClauseElement], tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    yield "SQL: Final[dict[str, str]] = {"
    for name, statement in statements.items():
        sql, parameters = compile(statement)
        yield f"    # {', '.join(parameters) or 'no parameters'}"
        yield f'    "{name}": {_literal(sql)},'
    yield "}"


def _literal(sql: str) -> str:
    """Quote with as few backslashes as `ruff format` would."""
    quote = "'" if sql.count('"') > sql.count("'") else '"'
    return quote + sql.replace(quote, "\\" + quote) + quote


if __name__ == "__main__":
    for _database, _source in SOURCES.items():
        Path(__file__).with_name(_database).joinpath("sql.py").write_text(_source(), encoding="utf-8")
