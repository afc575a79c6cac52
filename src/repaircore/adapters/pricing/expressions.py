"""Free-form conditions: parsed by rule-engine, checked against the facts there are, and kept as a tree of plain values.

Nothing of the text is ever run: what the tree cannot say (calls, patterns, powers) is refused where it stands.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from repaircore.adapters.shopfiles.records import Unreadable, hint
from repaircore.domain.pricing.expressions import ARITHMETIC, FACTS, LARGEST, MARKET, Expression, Kind, Tree, fact_named
from repaircore.domain.pricing.market import LARGEST_FIGURE

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_FIGURES = {"add": "+", "sub": "-", "mul": "*", "tdiv": "/"}
_DECIMALS = 10**9
_MOST = 500  # characters: a condition that is longer belongs into rules


def expression(value: object) -> Expression:
    """Read a condition such as `total_quantity >= 2 and urgency != 'low'`. Raises Unreadable for a name that nobody knows, a
    comparison of different types, or whatever is no plain condition."""
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"{value!r} is not a condition: write one like \"total_quantity >= 2 and urgency != 'low'\"")
    text = value.strip()
    if len(text) > _MOST:
        raise Unreadable(f"is longer than {_MOST} characters: part it into several rules")
    try:
        tree = _tree(_parsed(text))
    except RecursionError as wrong:
        raise Unreadable(f"{text!r} is nested too deeply: part it into several rules") from wrong
    if _kind(tree) is not Kind.TRUTH:
        raise Unreadable(f"{text!r} is neither true nor false: compare it with something")
    return Expression(text, tree)


def _parsed(text: str) -> Any:
    import rule_engine  # only where a rulebook has such conditions: it takes a third of a second
    from rule_engine import errors

    types = rule_engine.DataType
    kinds = {
        Kind.TEXT: types.STRING,
        Kind.NUMBER: types.FLOAT,
        Kind.TRUTH: types.BOOLEAN,
        Kind.TEXTS: types.ARRAY(types.STRING),
    }
    facts = {name: kinds[fact.kind] for name, fact in FACTS.items()}
    facts[MARKET.removesuffix(".")] = types.MAPPING(types.STRING, value_type=types.FLOAT)
    names = rule_engine.type_resolver_from_dict(facts)
    try:
        return rule_engine.Rule(text, context=rule_engine.Context(type_resolver=names)).statement.expression
    except errors.SymbolResolutionError as wrong:
        raise Unreadable(f"there is no fact {wrong.symbol_name!r}{hint(wrong.symbol_name, FACTS)}") from wrong
    except (errors.RuleSyntaxError, errors.StringSyntaxError) as wrong:
        raise Unreadable(f"{text!r} is not a condition: {wrong.message}") from wrong
    except errors.ArithmeticError as wrong:
        raise Unreadable(f"{text!r} cannot be computed: it divides by zero") from wrong
    except (errors.EngineError, RecursionError, ArithmeticError) as wrong:
        raise Unreadable(f"{text!r} compares or computes with what does not go together") from wrong


def _tree(node: Any) -> Tree:
    match type(node).__name__:
        case "LogicExpression":
            return (node.type, *(_truth(_tree(part)) for part in (node.left, node.right)))
        case "UnaryExpression" if node.type == "not":
            return "not", _truth(_tree(node.right))
        case "ComparisonExpression" | "ArithmeticComparisonExpression":
            return _compared(node.type, _tree(node.left), _tree(node.right))
        case "ContainsExpression":
            return _contained(_tree(node.member), _tree(node.container))
        case "SymbolExpression" if node.scope is None and node.name in FACTS:
            return "fact", node.name
        case "GetAttributeExpression" if _is_market(node):
            return "fact", MARKET + node.name
        case "AddExpression" | "SubtractExpression" | "ArithmeticExpression" if node.type in _FIGURES:
            return _figure(node.type, _tree(node.left), _tree(node.right))
        case "UnaryExpression" if node.type == "uminus":
            return "neg", _number("-", _tree(node.right))
        case "StringExpression" | "BooleanExpression":
            return "value", node.value
        case "FloatExpression":
            return _literal(node.value)
        case "ArrayExpression":
            return "value", _listed([_tree(part) for part in node.value])
        case _:
            raise Unreadable("a condition has facts, figures with + - * /, comparisons, in, and, or, not; nothing else")


def _is_market(node: Any) -> bool:
    return getattr(node.object, "name", "") == MARKET.removesuffix(".") and bool(_NAME.fullmatch(node.name))


def _figure(sign: str, left: Tree, right: Tree) -> Tree:
    tree = sign.removeprefix("t"), _number(_FIGURES[sign], left), _number(_FIGURES[sign], right)
    if sign == "tdiv" and right == ("value", 0):
        raise Unreadable(f"cannot divide {_said(left)} by zero")
    if max(_bounds(tree)) > LARGEST:
        raise Unreadable(f"{_said(tree)} may grow beyond all bounds: compute less in one condition")
    return tree


def _number(sign: str, tree: Tree) -> Tree:
    if _kind(tree) is not Kind.NUMBER:
        raise Unreadable(f"cannot compute with {_said(tree)} by {sign}")
    return tree


def _bounds(tree: Tree) -> tuple[int, int]:
    """Answer how large a figure's numerator and denominator may become, whatever the facts are."""
    match tree:
        case ("value", value):
            return max(abs(value), 1), 1
        case ("neg", part):
            return _bounds(part)
        case (sign, left, right) if sign in ARITHMETIC:
            (num, den), (other_num, other_den) = _bounds(left), _bounds(right)
            if sign == "mul":
                return num * other_num, den * other_den
            if sign == "div":
                return num * other_den, den * other_num
            return num * other_den + other_num * den, den * other_den
        case _:
            return LARGEST_FIGURE, 1


def _compared(sign: str, left: Tree, right: Tree) -> Tree:
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 or Kind.TEXTS in kinds or (sign not in ("eq", "ne") and kinds != {Kind.NUMBER}):
        raise Unreadable(f"cannot compare {_said(left)} with {_said(right)} by {_SIGNS[sign]}")
    return sign, left, right


def _contained(member: Tree, container: Tree) -> Tree:
    of_numbers = container[0] == "value" and all(isinstance(one, int) for one in container[1])
    if _kind(container) is not Kind.TEXTS or _kind(member) is not (Kind.NUMBER if of_numbers else Kind.TEXT):
        raise Unreadable(f"cannot look for {_said(member)} in {_said(container)}")
    return "in", member, container


def _truth(tree: Tree) -> Tree:
    if _kind(tree) is not Kind.TRUTH:
        raise Unreadable(f"{_said(tree)} is neither true nor false")
    return tree


def _listed(parts: list[Tree]) -> tuple[Any, ...]:
    kinds = {_kind(part) for part in parts}
    if len(kinds) != 1 or kinds == {Kind.TRUTH} or any(part[0] != "value" for part in parts):
        raise Unreadable("a list holds texts alone or numbers alone")
    return tuple(part[1] for part in parts)


def _literal(value: Any) -> Tree:
    """A whole number is itself; a decimal is a quotient, so that it stays exact."""
    if not value.is_finite() or not -LARGEST_FIGURE <= value <= LARGEST_FIGURE:
        raise Unreadable(f"{value} is out of bounds: numbers go up to {LARGEST_FIGURE:,}")
    exact = Fraction(value)
    if _DECIMALS % exact.denominator:
        raise Unreadable(f"{value} has no end, or more than nine decimals: multiply the other side instead")
    whole = "value", exact.numerator
    return whole if exact.denominator == 1 else ("div", whole, ("value", exact.denominator))


_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS: Mapping[type, Kind] = {str: Kind.TEXT, bool: Kind.TRUTH, int: Kind.NUMBER, tuple: Kind.TEXTS}


def _kind(tree: Tree) -> Kind:
    match tree:
        case ("fact", name):
            return fact_named(name).kind
        case ("value", value):
            return _KINDS[type(value)]
        case (sign, *_) if sign in ARITHMETIC or sign == "neg":
            return Kind.NUMBER
        case _:
            return Kind.TRUTH


def _said(tree: Tree) -> str:
    match tree:
        case ("fact" | "value", name):
            return f"{name} ({_kind(tree)})"
        case _:
            return "what is computed" if _kind(tree) is Kind.NUMBER else "a condition"
