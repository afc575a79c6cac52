"""The few expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, GenericFunction


class IsOpen(ColumnElement[bool]):
    """Whether a payment is open, in the words of its partial indexes."""

    inherit_cache = True


class PlaceIn(FunctionElement[int]):
    """Where a part begins in a text, counted from one; zero where it does not."""

    inherit_cache = True
    name = "place_in"
    type = Integer()


class Beside(FunctionElement[Any]):
    """A column that must fit, but by which SQLite shall not look for rows."""

    inherit_cache = True
    name = "beside"


class ByCode(FunctionElement[str]):
    """A text that is compared by code point, whatever the server's language."""

    inherit_cache = True
    name = "by_code"
    type = Text()


class ListOf(GenericFunction[Any]):
    """All values of a column as one JSON list; nothing, or an empty one, where there are none."""

    inherit_cache = True
    name = "list_of"


class EachText(GenericFunction[Any]):
    """The texts of a JSON list, one row each, in the column `value`."""

    inherit_cache = True
    name = "each_text"


@compiles(IsOpen)
def _is_open(element: IsOpen, compiler: SQLCompiler, **options: Any) -> str:
    return "open" if compiler.dialect.name == "postgresql" else "open = 1"


@compiles(PlaceIn)
def _place_in(element: PlaceIn, compiler: SQLCompiler, **options: Any) -> str:
    text, part = (compiler.process(each, **options) for each in element.clauses)
    return f'strpos({text}, {part} COLLATE "C")' if compiler.dialect.name == "postgresql" else f"instr({text}, {part})"


@compiles(Beside)
def _beside(element: Beside, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return column if compiler.dialect.name == "postgresql" else f"+{column}"


@compiles(ByCode)
def _by_code(element: ByCode, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f'{text} COLLATE "C"' if compiler.dialect.name == "postgresql" else text


@compiles(ListOf)
def _list_of(element: ListOf, compiler: SQLCompiler, **options: Any) -> str:
    function = "json_agg" if compiler.dialect.name == "postgresql" else "json_group_array"
    return f"{function}({compiler.process(element.clauses, **options)})"


@compiles(EachText)
def _each_text(element: EachText, compiler: SQLCompiler, **options: Any) -> str:
    function = "json_array_elements_text" if compiler.dialect.name == "postgresql" else "json_each"
    return f"{function}({compiler.process(element.clauses, **options)})"
