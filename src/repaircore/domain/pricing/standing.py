"""What the customer's record says of a customer: whether this is a first order, how loyal, who sent them. Never on their own word."""

from collections.abc import Sequence
from hashlib import sha256

from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.expressions import Tree
from repaircore.domain.pricing.loyalty import CustomerRecord, Threshold, customer_key
from repaircore.domain.pricing.rules import Rule, Rulebook

_FACTS = frozenset({"tier", "first_order", "referred"})


class NotTheCustomer(DomainError):
    """The price was made for another customer, or the customer's record says something else by now: ask for a new quote."""

    code = "not_the_customer"


@frozen(kw_only=True)
class Standing:
    """What is known of a customer for pricing; `customer` marks who it is, without saying it."""

    customer: str = ""
    tier: str = ""
    first_order: bool = False
    referred: bool = False


NOBODY = Standing()


def standing_of(record: CustomerRecord, loyalty: Sequence[Threshold], *, customer: str, sent: bool) -> Standing:
    """Judge a record: of the tiers that are reached the last counts; who was sent by another customer counts as referred once,
    for the first order."""
    reached = [each.tier for each in loyalty if each.is_reached(record)]
    is_first = record.orders == 0
    return Standing(
        customer=customer, tier=reached[-1] if reached else "", first_order=is_first, referred=sent and is_first
    )


def customer_mark(email: str, phone: str) -> str:
    """Answer what tells one customer from another in a quote's facts, without saying who it is."""
    return sha256(f"{customer_key(email)}\n{phone}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def looks_at_record(rulebook: Rulebook) -> bool:
    """Whether any rule looks at what a customer's record says."""
    return any(map(_looks, rulebook.rules))


def _looks(rule: Rule) -> bool:
    scope = rule.scope
    if scope.tiers or scope.first_order is not None or scope.referred is not None:
        return True
    return scope.expression is not None and _names(scope.expression.tree)


def _names(tree: Tree) -> bool:
    if tree[:1] == ("fact",):
        return tree[1] in _FACTS
    return any(isinstance(part, tuple) and _names(part) for part in tree)
