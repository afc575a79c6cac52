"""Free-form conditions: parsed by rule-engine, checked against the facts there are, and kept as a tree of plain values.

Nothing of the text is ever run: what the tree cannot say (calls, patterns, arithmetic) is refused where it stands.
"""

from collections.abc import Mapping
from typing import Any

from repaircore.adapters.shopfiles.records import Unreadable, hint
from repaircore.domain.pricing.expressions import FACTS, Expression, Kind, Tree

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_LARGEST = 10**9
_MOST = 500  # characters: a condition that is longer belongs into rules


def expression(value: object) -> Expression:
    """Read a condition such as `total_quantity >= 2 and urgency != 'low'`. Raises Unreadable for a name that nobody knows, a
    comparison of different types, or whatever is no plain condition."""
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"{value!r} is not a condition: write one like \"total_quantity >= 2 and urgency != 'low'\"")
    text = value.strip()
    if len(text) > _MOST:
        raise Unreadable(f"is longer than {_MOST} characters: part it into several rules")
    tree = _tree(_parsed(text))
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
    names = rule_engine.type_resolver_from_dict({name: kinds[fact.kind] for name, fact in FACTS.items()})
    try:
        return rule_engine.Rule(text, context=rule_engine.Context(type_resolver=names)).statement.expression
    except errors.SymbolResolutionError as wrong:
        raise Unreadable(f"there is no fact {wrong.symbol_name!r}{hint(wrong.symbol_name, FACTS)}") from wrong
    except (errors.RuleSyntaxError, errors.StringSyntaxError) as wrong:
        raise Unreadable(f"{text!r} is not a condition: {wrong.message}") from wrong
    except (errors.EngineError, RecursionError) as wrong:
        raise Unreadable(f"{text!r} compares what cannot be compared") from wrong


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
        case "StringExpression" | "BooleanExpression":
            return "value", node.value
        case "FloatExpression":
            return "value", _whole(node.value)
        case "ArrayExpression":
            return "value", _listed([_tree(part) for part in node.value])
        case _:
            raise Unreadable("a condition has facts, comparisons, in, and, or, not; nothing else")


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


def _whole(value: Any) -> int:
    if not value.is_finite() or not -_LARGEST <= value <= _LARGEST or value != int(value):
        raise Unreadable(f"{value} is not a whole number up to {_LARGEST:,}, and every fact is")
    return int(value)


_KINDS: Mapping[type, Kind] = {str: Kind.TEXT, bool: Kind.TRUTH, int: Kind.NUMBER, tuple: Kind.TEXTS}


def _kind(tree: Tree) -> Kind:
    match tree:
        case ("fact", name):
            return FACTS[name].kind
        case ("value", value):
            return _KINDS[type(value)]
        case _:
            return Kind.TRUTH


def _said(tree: Tree) -> str:
    return f"{tree[1]} ({_kind(tree)})" if tree[0] in ("fact", "value") else "a condition"
