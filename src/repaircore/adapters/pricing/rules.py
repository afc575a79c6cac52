"""Reading `[[rules]]`, one rule each, and `[[tables]]`, one rule for each value of one condition."""

from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import evolve

from repaircore.adapters.pricing.scopes import LISTS, day, in_order, read_scopes, slug
from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable, hint
from repaircore.domain.pricing.rules import LEGAL_ACTIONS, LINE_KINDS, Action, Per, Rule, Stage

ACTIONS = tuple(action.value for action in Action)
_PLAIN = ("id", "stage", "when", "reason", "label", "stacks", "per", "inclusive", "refundable", "source")
_FURTHER = ("as_of", "limit", "least", "group", "kind", "valid_from", "valid_until", "cost")
SHARED = (*_PLAIN, *_FURTHER, *ACTIONS)
_NO_CONDITIONS: Mapping[str, object] = {}


def read_rule(table: Record, names: Names) -> Iterator[Rule]:
    """Read one `[[rules]]` table: exactly one action, and everything else optional but its id and stage."""
    table.allow_only(SHARED)
    action = _action(table)
    if action is None:
        return
    value = table.read(action.value, value_of(action, names.currency), Fraction(0))
    yield from rules_of(table, action, value, _conditions(table), names)


def rules_of(table: Record, action: Action, value: Fraction, when: Record, names: Names) -> Iterator[Rule]:
    """Read what else a rule says, and its conditions: one rule for each brand and category that they name."""
    yield from _scoped(_rule(table, table.need("id", _rule_id, ""), action, value, names), when, names)


def read_table(table: Record, names: Names) -> Iterator[Rule]:
    """Read one `[[tables]]` table: `by` names a condition, and the action holds a value for each word of it. `{key}` in the
    reason or label stands for the word."""
    table.allow_only((*SHARED, "by"))
    action, by = _action(table), table.need("by", values.one_of("condition", LISTS), "")
    if action is None or not by:
        return
    cells = table.values[action.value]
    if not isinstance(cells, dict) or not cells:
        table.fault(action.value, f"is not a table: write {action.value} = {{ word = value, … }}")
        return
    conditions = _conditions(table)
    if conditions.has(by):
        conditions.fault(by, "is already what the table goes by")
    row, id = table.inner(action.value, cells), table.need("id", _rule_id, "")
    for key in cells:
        rule = _rule(
            table, f"{id}/{slug(key)}", action, row.read(key, value_of(action, names.currency), Fraction(0)), names
        )
        rule = evolve(rule, reason=rule.reason.replace("{key}", key), label=rule.label.replace("{key}", key))
        yield from _scoped(rule, _with_key(conditions, row, by, key), names)


def _scoped(rule: Rule, when: Record, names: Names) -> Iterator[Rule]:
    for suffix, scope in read_scopes(when, names):
        yield evolve(rule, id=f"{rule.id}/{suffix}" if suffix else rule.id, scope=scope)


def _rule(table: Record, id: str, action: Action, value: Fraction, names: Names) -> Rule:
    stage = table.need("stage", values.member("stage", Stage), None)
    if stage and action not in LEGAL_ACTIONS[stage]:
        field = action.value if action.value in table.values else "action"
        table.fault(field, f"is nothing that stage {stage} can do: it takes {_any_of(LEGAL_ACTIONS[stage])}")
    rule = Rule(
        id=id,
        stage=stage or Stage.BASE,
        action=action,
        value=value,
        reason=table.read("reason", values.text, ""),
        label=table.read("label", values.text, ""),
        stacks=table.read("stacks", values.flag, False),
        per=table.read("per", values.member("way to charge", Per), Per.LINE),
        inclusive=table.read("inclusive", values.flag, False),
        refundable=table.read("refundable", values.flag, True),
        source=table.read("source", values.text, ""),
        place=table.place,
    )
    return _further(table, rule, names) if any(table.has(field) for field in _FURTHER) else rule


def _further(table: Record, rule: Rule, names: Names) -> Rule:
    valid_from, valid_until = table.read("valid_from", day, None), table.read("valid_until", day, None)
    in_order(table, "valid_until", valid_from, valid_until)
    if table.has("cost") and (rule.stage, rule.action) != (Stage.LABOUR, Action.SET):
        table.fault("cost", "is for labour that is set: what the work costs the shop")
    return evolve(
        rule,
        as_of=table.read("as_of", day, None),
        limit=table.read("limit", _amount(names.currency), None),
        least=table.read("least", _amount(names.currency), None),
        group=table.read("group", values.identifier, ""),
        kind=table.read("kind", values.one_of("kind of line", LINE_KINDS), ""),
        cost=table.read("cost", _amount(names.currency), None),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _amount(currency: str) -> Callable[[object], int | None]:
    return values.money(currency)


def _any_of(actions: Collection[Action]) -> str:
    return " or ".join(action for action in Action if action in actions)


def _action(table: Record) -> Action | None:
    written = [name for name in ACTIONS if name in table.values]
    if len(written) == 1:
        return Action(written[0])
    if written:
        table.fault(written[1], f"a rule does one thing, but this one says {' and '.join(written)}")
    else:
        near = next((hint(name, ACTIONS) for name in table.values if name not in SHARED and hint(name, ACTIONS)), "")
        table.fault("", f"says nothing to do: give one of {', '.join(ACTIONS)}{near}")
    return None


def value_of(action: Action, currency: str) -> Callable[[object], Fraction]:
    """Factors and percentages are read as they stand; amounts become minor units."""
    amounts: dict[Action, Callable[[object], int]] = {
        Action.ADD: values.signed_money(currency),
        Action.ROUND_TO: _step(currency),
    }
    match action:
        case Action.MULTIPLY:
            return values.factor
        case Action.PERCENT | Action.MATCH:
            return values.percentage
        case _:
            read = amounts.get(action, values.money(currency))
            return lambda value: Fraction(read(value))


def _step(currency: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        amount = values.money(currency)(value)
        if amount == 0:
            raise Unreadable("cannot round to nothing: 1 rounds to whole units, 0.05 to five hundredths")
        return amount

    return read


def _rule_id(value: object) -> str:
    name = values.text(value)
    if not name or any(not values.is_identifier(part) for part in name.split("/")):
        raise Unreadable(
            f"{name!r} is not an id: use small letters, digits and hyphens, such as 'urgent' or 'season/summer'"
        )
    return name


def _conditions(table: Record) -> Record:
    when: Any = table.values.get("when", _NO_CONDITIONS)
    if not isinstance(when, dict):
        table.fault("when", "is not a table: write when = { urgency = 'urgent' }")
        when = _NO_CONDITIONS
    return table.inner("when", when)


def _with_key(when: Record, row: Record, by: str, key: str) -> Record:
    """Add the word as a condition, standing where it is written."""
    here = row.lines.get(f"{row.prefix}{key}", row.line)
    return evolve(when, values={**when.values, by: key}, lines={**when.lines, f"{when.prefix}{by}": here})
