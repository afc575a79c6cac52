"""Which rules meet which device and service, without asking every rule about every pair."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence

from attrs import field, frozen

from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.overlaps import Contender
from repaircore.domain.pricing.rules import COMPONENTS, Action, Rulebook, Stage
from repaircore.domain.pricing.scoping import by_prefix_length, fits_device, specificity

Contests = Mapping[str, tuple[Contender, ...]]
_Ranked = tuple[int, Contender]
PRICED_BY = (Stage.BASE, *COMPONENTS)


@frozen(eq=False)
class Pair:
    """A service for a device, and every rule that may look at it, by contest and in the order of winning."""

    device: DeviceFacts
    service: Service
    contests: Contests

    @property
    def prices(self) -> tuple[Contender, ...]:
        """The rules that give it a price at all; services that need a price of their own need one for the model."""
        found = (
            one
            for contest in self.contests.values()
            if contest[0].rule.stage in PRICED_BY
            for one in contest
            if one.rule.action is Action.SET
        )
        return tuple(one for one in found if one.scope.models or not self.service.needs_price)

    @property
    def alike(self) -> Hashable:
        """Equal for pairs that no rule tells apart: what is true of one's prices is true of the other's."""
        rules = tuple(id(one) for contest in self.contests.values() for one in contest)
        told = any(one.rule.scope.expression for contest in self.contests.values() for one in contest)
        return self.service.id, rules, self.device.id if told else ""


@frozen(eq=False)
class Pairs:
    """Every device with every service that is done on its kind."""

    catalogue: Catalogue
    by_model: Mapping[str, Sequence[_Ranked]]
    general: Sequence[_Ranked]
    _kinds: dict[tuple[str, str, int | None], Sequence[_Ranked]] = field(factory=dict, init=False)
    _shared: dict[tuple[str, str, int | None, str], Contests] = field(factory=dict, init=False)

    @classmethod
    def of(cls, rulebook: Rulebook, catalogue: Catalogue) -> "Pairs":
        """Rank the rules: the most specific first, then by id."""
        parts = [Contender(rule, scope) for rule in rulebook.rules for scope in by_prefix_length(rule.scope)]
        parts.sort(key=lambda one: one.rule.id)
        parts.sort(key=lambda one: specificity(one.scope), reverse=True)
        by_model: dict[str, list[_Ranked]] = defaultdict(list)
        general: list[_Ranked] = []
        for rank, one in enumerate(parts):
            for model in one.scope.models:
                by_model[model].append((rank, one))
            if not one.scope.models:
                general.append((rank, one))
        return cls(catalogue, by_model, general)

    def __iter__(self) -> Iterator[Pair]:
        for device in self.catalogue.devices.values():
            yield from self.of_device(device)

    def of_device(self, device: Device) -> Iterator[Pair]:
        """Answer the device's pairs, in the catalogue's order of services."""
        facts = DeviceFacts(
            id=device.id, name=device.name, brand=device.brand, category=device.category, year=device.year
        )
        own: dict[str, list[_Ranked]] = defaultdict(list)
        for rank, one in self.by_model.get(device.id, ()):
            if fits_device(one.scope, facts):
                for service_id in one.scope.services or ("",):
                    own[service_id].append((rank, one))
        for service in self.catalogue.offered(device):
            shared = self._contests(facts, service.id)
            mine = [*own[""], *own[service.id]] if own else []
            yield Pair(facts, service, _merged(shared, mine) if mine else shared)

    def _contests(self, device: DeviceFacts, service_id: str) -> Contests:
        kind = (device.brand, device.category, device.year)
        if kind not in self._kinds:
            self._kinds[kind] = [(rank, one) for rank, one in self.general if fits_device(one.scope, device)]
        key = (*kind, service_id)
        if key not in self._shared:
            fitting = [
                one for _, one in self._kinds[kind] if not one.scope.services or service_id in one.scope.services
            ]
            self._shared[key] = _by_contest(fitting)
        return self._shared[key]


def _by_contest(contenders: Sequence[Contender]) -> Contests:
    contests: dict[str, list[Contender]] = defaultdict(list)
    for one in contenders:
        contests[one.rule.contest].append(one)
    return {contest: tuple(found) for contest, found in contests.items()}


def _merged(shared: Contests, mine: Sequence[_Ranked]) -> Contests:
    """A model's own rules are always more specific than those of many devices, so they come first."""
    merged = dict(shared)
    for contest, own in _by_contest([one for _, one in sorted(mine, key=lambda ranked: ranked[0])]).items():
        merged[contest] = own + shared.get(contest, ())
    return merged
