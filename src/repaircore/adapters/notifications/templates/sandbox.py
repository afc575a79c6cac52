"""A Jinja that can fill in a letter and nothing else: no calls but `range`, no attributes of ours, no way to grow without end."""

from typing import Any

from jinja2 import BaseLoader, StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_RANGE = 1_000
LARGEST_NUMBER = 10**12
LOOP = ("first", "index", "last", "length")
FILTERS = ("capitalize", "count", "e", "escape", "first", "last", "length", "lower", "trim", "upper")

# What a letter is made of. Whatever could hold text back and double it (set blocks, macros, `~`, lists, captures) is left out.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.CondExpr, nodes.Include, nodes.Assign,
    nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Keyword,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Pow, nodes.Mod, nodes.Div, nodes.FloorDiv, nodes.Neg, nodes.Pos,
)  # fmt: skip


class LetterSandbox(ImmutableSandboxedEnvironment):
    """Escapes in HTML and not in text; a missing variable is an error; arithmetic is for small whole numbers alone."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=is_html,
            undefined=StrictUndefined,
            finalize=_printable,
            auto_reload=False,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.globals = {"range": _short_range}
        self.filters = {name: self.filters[name] for name in FILTERS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, (*_ALLOWED, nodes.Call)) or (isinstance(node, nodes.Call) and not _is_range(node)):
                word = type(node).__name__.lower()
                raise SecurityError(f"line {node.lineno}: a template may not use {word}")
        return tree

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with small whole numbers; nothing else."""
        if operator == "**" or not (_is_small(left) and _is_small(right)):
            raise SecurityError(f"a template may not calculate {operator} with these values")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Look into mappings alone, and there by their keys; and at where a loop is."""
        return isinstance(obj, LoopContext) and attr in LOOP

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Say that there is no such thing, as for any other missing name."""
        return self.undefined(f"{attribute!r} is not defined")


def is_html(name: str | None) -> bool:
    """Whether values must be escaped: everywhere but in `.txt`."""
    return not (name or "").endswith(".txt")


def _printable(value: Any) -> Any:
    """Let text and numbers onto the page: a list, a mapping or None there is somebody's mistake."""
    if not isinstance(value, (str, int, Undefined)):
        raise SecurityError(f"a template prints text and numbers, not {type(value).__name__}")
    return value


def _is_range(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name == "range"


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > LONGEST_RANGE:
        raise SecurityError(f"a range in a template has at most {LONGEST_RANGE} numbers")
    return numbers


def _is_small(value: Any) -> bool:
    return type(value) is int and abs(value) <= LARGEST_NUMBER
