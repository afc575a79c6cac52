"""The same prices from zen-engine: its decision tables find the rules, the plain program's arithmetic makes the bill.

Every step whose rules have conditions is a first-hit table, the most specific row first, with columns only for what its rules ask.
All tables stand side by side in one decision. A step whose most specific rule has no conditions needs no table: what it does is
known beforehand.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import zen

from bench.plain import DEPOSIT, FEE, STEPS, TAX, Bill, Effect, Found, Row, billed, jobs_of, steps_of
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.rules import Rulebook

_PER_ORDER = (FEE, TAX, DEPOSIT)
_LINES = "lines"


def table(rulebook: Rulebook) -> Callable[[Facts], Bill]:
    """Price with the decision evaluated once for each line."""
    tables, always = _parted(rulebook)
    decision = _decision(tables, ())

    def price(facts: Facts) -> Bill:
        return billed([_found(decision.evaluate(job)["result"], always) for job in jobs_of(facts)])

    return price


def loop(rulebook: Rulebook) -> Callable[[Facts], Bill]:
    """Price with the decision evaluated once, its tables looping over the lines; what is for the order is asked once."""
    tables, always = _parted(rulebook)
    looping = [step for step in tables if step not in _PER_ORDER]
    decision = _decision(tables, looping)

    def price(facts: Facts) -> Bill:
        jobs = jobs_of(facts)
        told = decision.evaluate({**jobs[0], _LINES: jobs})["result"]
        return billed([_found(_line(told, looping, place), always) for place in range(len(jobs))])

    return price


def _parted(rulebook: Rulebook) -> tuple[dict[str, Sequence[Row]], dict[str, Effect]]:
    """Part the steps into those that need a table and the effects that hold always."""
    steps = steps_of(rulebook)
    always = {step: rows[0].effect for step, rows in steps.items() if rows and not rows[0].conditions}
    return {step: rows for step, rows in steps.items() if rows and step not in always}, always


def _found(told: dict[str, Effect], always: dict[str, Effect]) -> Found:
    return {step: always.get(step) or told.get(_name(step)) for step in STEPS}


def _line(told: dict[str, Any], looping: Sequence[str], place: int) -> dict[str, Effect]:
    own = {}
    for step in looping:
        name = _name(step)
        if (hit := told[name][place]) is not None:
            own[name] = hit[name]
    return {**told, **dict.fromkeys(map(_name, looping)), **own}


def _decision(tables: dict[str, Sequence[Row]], looping: Sequence[str]) -> zen.ZenDecision:
    nodes = [_node("asked", "inputNode"), _node("told", "outputNode")]
    edges = []
    for step, rows in tables.items():
        name = _name(step)
        nodes.append({**_node(name, "decisionTableNode"), "content": _content(name, rows, looping=step in looping)})
        edges += [_edge("asked", name), _edge(name, "told")]
    content = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    return zen.ZenEngine().create_decision(json.dumps(content))


def _content(name: str, rows: Sequence[Row], *, looping: bool) -> dict[str, object]:
    asked = dict.fromkeys(fact for row in rows for fact, _ in row.conditions)
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": fact, "name": fact, "field": fact} for fact in asked],
        "outputs": [{"id": "effect", "name": "effect", "field": name}],
        "rules": [dict(_cells(row)) for row in rows],
        "passThrough": False,
    }
    return content | {"executionMode": "loop", "inputField": _LINES, "outputPath": name} if looping else content


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    yield "_id", row.id
    yield "effect", json.dumps(row.effect)
    for fact, allowed in row.conditions:
        yield fact, _cell(allowed)


def _cell(allowed: Collection[str | int]) -> str:
    if isinstance(allowed, range):
        return f"[{allowed.start}..{allowed.stop})"
    return ", ".join(json.dumps(word) for word in sorted(allowed, key=str))


def _node(name: str, kind: str) -> dict[str, object]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}}


def _edge(source: str, target: str) -> dict[str, str]:
    return {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}


def _name(step: str) -> str:
    return step.replace(" ", "_")
