"""From rules to a rulebook ready to price: they are told to be legal, and indexed, once."""

from collections.abc import Collection, Iterable
from itertools import product

from attrs import evolve

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pieces import Pieces, at_once
from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.conditions import Looks, is_price, item_tests, looks
from repaircore.domain.pricing.contests import Candidate
from repaircore.domain.pricing.exact import whole
from repaircore.domain.pricing.indexing import Index
from repaircore.domain.pricing.rules import LEGAL_ACTIONS, Action, Per, Rule, Rulebook, Scope, Stage
from repaircore.domain.pricing.scoping import by_prefix_length, rank
from repaircore.domain.pricing.ways import ways

_RULES_IN_A_PIECE, _RULES_WITH_CONDITIONS = 32, 4


def compile_rulebook(rulebook: Rulebook) -> CompiledRulebook:
    """Index the rules. Raises InvalidValue for a rule that its stage cannot run; `checks.py` finds the subtler faults."""
    return at_once(compiling(rulebook))


def compiling(rulebook: Rulebook, content_hash: str = "") -> Pieces[CompiledRulebook]:
    """Index the rules, some at a time; the hash of the content is computed later, unless it is known."""
    of_lines, of_orders = Index(), Index()
    others = []
    for position, rule in enumerate(rulebook.rules):
        if is_price(rule):
            of_lines.put(Candidate(rule, _rank_of_price(rule), position))
        else:
            others.append((position, rule))
        if position % _RULES_IN_A_PIECE == 0:
            yield
    looked_at = looks(rule for _, rule in others)
    used: set[int] = set()
    longest = 0
    for number, (position, rule) in enumerate(others):
        for scope in _parts(rule, rulebook.groups):
            candidate = _candidate(rule, scope, position, looked_at)
            used.update(place for place, _ in candidate.tests)
            longest = max((longest, *map(len, candidate.prefixes)))
            is_of_order = rule.per is Per.ORDER or rule.stage is Stage.DEPOSIT
            if not is_of_order:
                of_lines.put(candidate)
            if is_of_order or rule.stage is Stage.TAX:
                of_orders.put(candidate)
        if number % _RULES_WITH_CONDITIONS == 0:
            yield
    conditional = tuple(rule for _, rule in others)
    hashes = [content_hash] if content_hash else []
    known = ways(rulebook)
    return CompiledRulebook(
        rulebook, of_lines, of_orders, frozenset(used), longest, looked_at, conditional, known, hashes
    )


_PRICE_RANKS = {
    (models, services): rank(Scope(models=frozenset(models * "m"), services=frozenset(services * "s")))
    for models, services in product((False, True), repeat=2)
}


def _rank_of_price(rule: Rule) -> tuple[int, ...]:
    return _PRICE_RANKS[bool(rule.scope.models), bool(rule.scope.services)]


def per_order_is_legal(rule: Rule) -> bool:
    """Whether a rule of its stage and action can be for the order: a fee with an amount, or a discount."""
    return (rule.stage, rule.action) == (Stage.FEES, Action.ADD) or (
        rule.stage is Stage.DISCOUNTS and rule.action is not Action.MATCH
    )


def _parts(rule: Rule, groups: Collection[str]) -> Iterable[Scope]:
    if rule.action not in LEGAL_ACTIONS[rule.stage]:
        raise InvalidValue(f"rule {rule.id} cannot {rule.action} in the {rule.stage} stage")
    if rule.per is Per.ORDER and not per_order_is_legal(rule):
        raise InvalidValue(f"rule {rule.id}: only a fee with an amount, or a discount, can be per order")
    if rule.group and rule.group not in groups:
        raise InvalidValue(f"rule {rule.id}: there is no group {rule.group!r}")
    if (
        (rule.per is Per.ORDER and rule.stage is Stage.FEES)
        or rule.action is Action.ROUND_TO
        or (rule.stage is Stage.DEPOSIT and rule.action is not Action.PERCENT)
    ):
        whole(rule.value)
    if rule.action is Action.ROUND_TO and rule.value < 1:
        raise InvalidValue(f"rule {rule.id} must round to at least one minor unit")
    return (rule.scope,) if rule.stacks or rule.group else by_prefix_length(rule.scope)


def _candidate(rule: Rule, scope: Scope, position: int, looked_at: Looks) -> Candidate:
    narrowed = rule if scope is rule.scope else evolve(rule, scope=scope)
    return Candidate(
        narrowed,
        rank(scope),
        position,
        tuple(looked_at.tests(rule, scope)),
        tuple(scope.postcode_prefixes),
        item_tests(rule, scope) if looked_at.at_items else (),
        scope.line_kinds,
    )
