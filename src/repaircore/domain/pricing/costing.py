"""What parts cost, from suppliers' approved lists into the rules: one more version of the rulebook, named after both.

A rulebook asks for it with `supplier_costs`. Mark-ups and factors for grades are rules, and work on these costs as on any others.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from hashlib import sha256

from attrs import evolve

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money
from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.exact import round_half_up
from repaircore.domain.pricing.quoting import facts_of
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope, Stage

_NAMED = 12  # characters of the hash: enough to tell the lists of one shop apart

Use = tuple[str, str, str]


def with_costs(rulebook: Rulebook, catalogue: Catalogue) -> Rulebook:
    """Answer the rulebook with the costs of the catalogue's parts, as a version of its own; the same costs are the same version.

    Of several parts for one use the cheapest counts. A cost stands in the place of the rule for exactly its device, service and
    grade. Work that is priced as a whole for a device has its parts in the price, and stays as it is. A rulebook that does not
    ask for costs, or has them already, is answered unchanged.
    """
    if not rulebook.supplier_costs:
        return rulebook
    is_whole = _priced_as_a_whole(rulebook, catalogue)
    parts = [part for part in _cheapest(catalogue.parts.values()).values() if not is_whole(part)]
    if not parts:
        return rulebook
    scopes = {_scope(part) for part in parts}
    kept = [rule for rule in rulebook.rules if not (_is_cost(rule) and rule.scope in scopes)]
    return evolve(
        rulebook,
        version=f"{rulebook.version}+costs-{_name(parts)}",
        rules=(*kept, *map(_rule, parts)),
        supplier_costs=False,
    )


def cost_today(compiled: CompiledRulebook, catalogue: Catalogue, part: Part) -> Money | None:
    """Answer what the rules reckon for parts of that use, before mark-ups and factors; None where none says so."""
    device = catalogue.devices.get(part.device)
    for rule in compiled.base_rules(facts_of(device), part.service) if device else ():
        if _is_cost(rule) and rule.scope.grades in (frozenset(), frozenset((part.grade,))):
            return Money(round_half_up(rule.value.numerator, rule.value.denominator), compiled.rulebook.currency)
    return None


def _cheapest(parts: Iterable[Part]) -> Mapping[Use, Part]:
    """Choose a part for each use, whatever the order in which they are listed."""
    chosen: dict[Use, Part] = {}
    for part in sorted(parts, key=lambda part: (part.cost.amount, part.key), reverse=True):
        chosen[part.use] = part
    return dict(sorted(chosen.items()))


def _priced_as_a_whole(rulebook: Rulebook, catalogue: Catalogue) -> Callable[[Part], bool]:
    """Answer how to tell whether a base price may fit what a part is for."""
    base = [rule.scope for rule in rulebook.rules if rule.stage is Stage.BASE]
    named = {(model, service) for scope in base for model in scope.models for service in scope.services}
    others = [scope for scope in base if not (scope.models and scope.services)]

    def is_whole(part: Part) -> bool:
        return (part.device, part.service) in named or any(_fits(scope, part, catalogue) for scope in others)

    return is_whole


def _fits(scope: Scope, part: Part, catalogue: Catalogue) -> bool:
    device = catalogue.device(part.device)
    return (
        (not scope.services or part.service in scope.services)
        and (not scope.models or device.id in scope.models)
        and scope.brand in ("", device.brand)
        and scope.category in ("", device.category)
    )


def _is_cost(rule: Rule) -> bool:
    return rule.stage is Stage.PARTS and rule.action is Action.SET


def _scope(part: Part) -> Scope:
    grades = frozenset((part.grade,)) if part.grade else frozenset[str]()
    return Scope(models=frozenset((part.device,)), services=frozenset((part.service,)), grades=grades)


def _rule(part: Part) -> Rule:
    return Rule(
        id="/".join(("cost", *(name for name in part.use if name))),
        stage=Stage.PARTS,
        action=Action.SET,
        value=Fraction(part.cost.amount),
        scope=_scope(part),
        reason=f"Parts, {part.grade}" if part.grade else "Parts",
        source=part.key,
        as_of=part.as_of,
    )


def _name(parts: Iterable[Part]) -> str:
    told = "\n".join(f"{part.use} {part.key} {part.cost} {part.as_of}" for part in parts)
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_NAMED]
