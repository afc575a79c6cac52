"""The repair shop's rulebook at the sizes that engines are compared at, and jobs that ask for prices under it."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count, product

from attrs import evolve, frozen

from bench.shop import CONFIG
from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.catalog.catalogue import Device, Service
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.quoting import facts_of, is_offered
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope, Stage

SMALL, LARGE = 120, 12_000
_MODELS = 1_000
_URGENCIES = ("low", "standard", "standard", "high", "urgent", "emergency")
_CONDITIONS = ("", "excellent", "good", "fair", "poor")
_COMPLEXITIES = ("", "simple", "standard", "complex", "extreme")
_FULFILMENTS = ("in_store", "in_store", "pickup")
_CODES: Sequence[tuple[str, ...]] = ((), (), (), ("SAVE15",), ("WELCOME20",))


@frozen(eq=False)
class Sized:
    """A rulebook of exactly so many rules, the devices that it prices, and what is done to them."""

    rulebook: Rulebook
    devices: Sequence[Device]
    services: Sequence[Service]

    def jobs(self, wanted: int, *, seed: int = 5) -> list[Facts]:
        """Answer jobs of two different services each, drawn by lot and the same in every run."""
        chance, compiled = random.Random(seed), compile_rulebook(self.rulebook)
        return [self._job(chance, compiled) for _ in range(wanted)]

    def _job(self, chance: random.Random, compiled: CompiledRulebook) -> Facts:
        device = chance.choice(self.devices)
        offered = [service for service in self.services if is_offered(service, device, compiled)]
        return Facts(
            device=facts_of(device),
            items=tuple(Item(service_id=each.id, name=each.name) for each in chance.sample(offered, 2)),
            local_time=datetime(2026, chance.randint(1, 12), chance.randint(1, 28), 12, tzinfo=UTC),
            urgency=chance.choice(_URGENCIES),
            condition=chance.choice(_CONDITIONS),
            complexity=chance.choice(_COMPLEXITIES),
            fulfilment=chance.choice(_FULFILMENTS),
            promo_codes=chance.choice(_CODES),
        )


def sized(rules: int) -> Sized:
    """Bring the rulebook to that size. It grows as a price list does, by prices of single models, of which there are a thousand
    then; to shrink, it loses rules of the season, without which a month changes nothing."""
    catalogue = CatalogueFiles(CONFIG.parent, "GBP").load()
    rulebook = RulebookFiles(CONFIG.parent).load(catalogue)
    devices, services = list(catalogue.devices.values()), list(catalogue.services.values())
    more = rules - len(rulebook.rules)
    if more > 0:
        devices = _thousand(devices)
        everywhere = [service.id for service in services if not service.categories]
        prices = _prices(devices, everywhere)
        kept = (*rulebook.rules, *(next(prices) for _ in range(more)))
    else:
        seasonal = [rule for rule in rulebook.rules if rule.stage is Stage.SEASON][: -more or None]
        left_out = {rule.id for rule in seasonal} if more else set()
        kept = tuple(rule for rule in rulebook.rules if rule.id not in left_out)
    return Sized(evolve(rulebook, rules=kept), devices, services)


def _thousand(devices: Sequence[Device]) -> list[Device]:
    variants = (evolve(device, id=f"{device.id}-{number}") for number in count(2) for device in devices)
    return [*devices, *(next(variants) for _ in range(_MODELS - len(devices)))]


def _prices(devices: Sequence[Device], services: Sequence[str]) -> Iterator[Rule]:
    """Answer a price for every model and service: whole pounds and halves, from 30 to 480."""
    for number, (device, service) in enumerate(product(devices, services)):
        yield Rule(
            id=f"{service}/{device.id}",
            stage=Stage.BASE,
            action=Action.SET,
            value=Fraction(3000 + number * 37 % 901 * 50),
            scope=Scope(models=frozenset({device.id}), services=frozenset({service})),
            reason="The price of this model",
        )
