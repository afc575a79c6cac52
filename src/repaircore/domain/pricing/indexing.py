"""Rules by the devices and services that they name: what may apply to a job is looked up, however many rules there are."""

from bisect import insort
from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import attrgetter

from attrs import field, frozen

from repaircore.domain.pricing.contests import Candidate
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.projecting import Contest
from repaircore.domain.pricing.rules import Scope

Block = dict[str, Contest]  # the rules for one kind of device and one service, by the name of what they compete in
_Blocks = dict[str, Block]  # by service; those for every service are at ""

in_order = attrgetter("order")


@frozen(eq=False)
class Index:
    """Rules in blocks: those of single models apart, the others by brand and category, where "" is any."""

    _of_models: dict[str, _Blocks] = field(factory=dict, init=False)
    _of_others: dict[tuple[str, str], _Blocks] = field(factory=dict, init=False)

    def put(self, candidate: Candidate) -> None:
        """Add a rule wherever it may be looked for. Nothing is added any more after the first look."""
        scope, name = candidate.rule.scope, candidate.rule.contest
        for blocks in self._places(scope):
            for service in scope.services or ("",):
                block = blocks.get(service)
                if block is None:
                    block = blocks[service] = {}
                contest = block.get(name)
                if contest is None:
                    block[name] = Contest((candidate,))
                else:
                    insort(contest, candidate, key=in_order)

    def found(self, device: DeviceFacts, services: Iterable[str]) -> Iterator[Block]:
        """Answer the blocks in which every rule is that may be for the device and one of the services."""
        brand, category = device.brand, device.category
        kinds = dict.fromkeys(((brand, category), ("", category), (brand, ""), ("", "")))
        for blocks in (self._of_models.get(device.id), *map(self._of_others.get, kinds)):
            if blocks:
                for service in ("", *services):
                    if service in blocks:
                        yield blocks[service]

    @cached_property
    def services(self) -> frozenset[str]:
        """The services that rules name."""
        return frozenset().union(*self._of_models.values(), *self._of_others.values()) - {""}

    def _places(self, scope: Scope) -> Iterator[_Blocks]:
        if not scope.models:
            yield self._of_others.setdefault((scope.brand, scope.category), {})
        for model in scope.models:
            yield self._of_models.setdefault(model, {})
