"""Which discounts a quote may take together, where those of an exclusive group shut out all others on the whole quote."""

from attrs import frozen

from repaircore.domain.pricing.rules import GroupMode, Per, Reach, Rule, Rulebook, Stage


@frozen(eq=False)
class Way:
    """Discounts that may be taken together: those of these groups (the one without a name: of none), for lines, the order or both."""

    groups: frozenset[str]
    pers: frozenset[Per]

    def allows(self, rule: Rule) -> bool:
        """Whether the rule is among them, or is no discount."""
        return rule.stage is not Stage.DISCOUNTS or (rule.group in self.groups and rule.per in self.pers)

    def takes(self, rule: Rule) -> bool:
        """Whether the rule is a discount among them."""
        return rule.stage is Stage.DISCOUNTS and self.allows(rule)


@frozen(eq=False)
class Ways:
    """Every way to take discounts. One of `alone` applies where it lowers the total: of them the one that comes to the least, of
    equal ones the first. Elsewhere all that are not exclusive apply, as `usual`. `bare` takes none."""

    bare: Way
    usual: Way
    alone: tuple[Way, ...]


def ways(rulebook: Rulebook) -> Ways | None:
    """Answer the ways; None where no discount reaches further than its line, or the order."""
    if rulebook.exclusive_reach is not Reach.QUOTE:
        return None
    exclusive = [name for name, mode in rulebook.groups.items() if mode is GroupMode.EXCLUSIVE]
    used = {(rule.group, rule.per) for rule in rulebook.rules if rule.group}
    alone = [(name, per) for name in exclusive for per in Per if (name, per) in used]
    if not alone:
        return None
    return Ways(
        bare=Way(frozenset(), frozenset()),
        usual=Way(frozenset({"", *rulebook.groups}) - set(exclusive), frozenset(Per)),
        alone=tuple(Way(frozenset({name}), frozenset({per})) for name, per in alone),
    )
