"""Column types that mean the same on SQLite and on PostgreSQL."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSON, TEXT, TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from repaircore.adapters.storage.encoding import from_instant, instant


class Instant(TypeDecorator[datetime]):
    """A moment: timestamptz on PostgreSQL; on SQLite text of one width in UTC, which sorts as time does."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the database's own type."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write a moment."""
        return value if value is None or dialect.name == "postgresql" else instant(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read a moment."""
        return from_instant(value) if isinstance(value, str) else value


Characters = Text().with_variant(TEXT(collation="C"), "postgresql")  # sorted by code point, as SQLite and Python do
Json = Text().with_variant(JSON(), "postgresql")  # not jsonb: it comes back exactly as it was written
Counter = BigInteger().with_variant(Integer(), "sqlite")  # only an INTEGER key is SQLite's row id


def text(name: str, **options: Any) -> Column[str]:
    """A text that is always there; empty means none."""
    return Column(name, Characters, nullable=False, **options)


def moment(name: str) -> Column[datetime]:
    """A moment that is always there."""
    return Column(name, Instant, nullable=False)


def moment_or_none(name: str) -> Column[datetime]:
    """A moment that may not have come."""
    return Column(name, Instant, nullable=True)


def json(name: str, *, nullable: bool = False) -> Column[str]:
    """A nested value."""
    return Column(name, Json, nullable=nullable)


def minor_units(name: str) -> Column[int]:
    """An amount in minor units."""
    return Column(name, BigInteger, nullable=False)


def number(name: str) -> Column[int]:
    """A count."""
    return Column(name, Integer, nullable=False)


def one_of(column: str, states: type[StrEnum]) -> CheckConstraint:
    """Only words of that enum."""
    words = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def never_negative(*columns: str) -> CheckConstraint:
    """No amount below zero."""
    return CheckConstraint(" AND ".join(f"{column} >= 0" for column in columns), name="amounts")
