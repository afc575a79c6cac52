"""What the shop repairs and what it does: devices, services, and which service is offered for which device."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

from attrs import field, frozen

from repaircore.domain.catalog.haystack import Bits, bits_of
from repaircore.domain.catalog.naming import Named
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.search import Closeness, Index
from repaircore.domain.errors import NotFound
from repaircore.domain.money import Money


@frozen
class Category:
    """A kind of device: `iphone`, `macbook`, `gaming-console`."""

    id: str
    name: str


@frozen
class Device:
    """One model. `year` is the model year; `aliases` are other names people type; `model_numbers` are what the maker prints on
    it; `refurbished_only` means that original parts for it are not to be had, so some services are only quoted with
    refurbished parts; `average_repair_cost` is what a repair of it usually comes to, for orientation and never a price."""

    id: str
    brand: str
    model: str
    category: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    popularity: int = 0
    refurbished_only: bool = False
    average_repair_cost: Money | None = None
    model_numbers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The full name, brand first, without saying the brand twice."""
        return self.model if self.model.casefold().startswith(self.brand.casefold()) else f"{self.brand} {self.model}"


@frozen
class Service:
    """Something the shop does. `minutes` is the planned bench time; `turnaround` is what the customer is told;
    `needs_price` means it is offered only for devices with a price of their own in the rulebook."""

    id: str
    name: str
    description: str = ""
    minutes: int = 60
    turnaround: str = ""
    warranty_days: int = 0
    categories: tuple[str, ...] = ()
    needs_price: bool = False
    max_quantity: int = 10

    def is_for(self, category: str) -> bool:
        """Say whether the service is done on that kind of device; without categories it is done on all."""
        return not self.categories or category in self.categories


@frozen
class Catalogue:
    """The whole offer, immutable: a change is a new catalogue. `aliases` are other words for a part of any device's name, each
    with what it stands for. `parts` are what suppliers offer, by supplier and number."""

    categories: Mapping[str, Category]
    devices: Mapping[str, Device]
    services: Mapping[str, Service]
    aliases: Mapping[str, str] = field(factory=dict)
    parts: Mapping[str, Part] = field(factory=dict)

    @cached_property
    def _shelf(self) -> "_Shelf":
        return _Shelf.of(self.devices.values(), self.aliases)

    def ready(self) -> "Catalogue":
        """Prepare the search now, rather than while somebody waits for an answer."""
        _ = self._shelf
        return self

    def device(self, device_id: str, *, pointer: str = "/device_id") -> Device:
        """Find a device by id. Raises NotFound naming the nearest known id."""
        found = self.devices.get(device_id)
        if found is None:
            raise NotFound("device", device_id, tuple(self.devices), pointer=pointer)
        return found

    def service(self, service_id: str, *, pointer: str = "/service_id") -> Service:
        """Find a service by id. Raises NotFound naming the nearest known id."""
        found = self.services.get(service_id)
        if found is None:
            raise NotFound("service", service_id, tuple(self.services), pointer=pointer)
        return found

    def brands(self, category: str | None = None) -> tuple[str, ...]:
        """Name every brand with a device (in that category), in alphabetical order."""
        return tuple(sorted({each.brand for each in self.devices.values() if category in (None, each.category)}))

    def find(
        self, *, q: str = "", category: str | None = None, brand: str | None = None, year: int | None = None
    ) -> tuple[Device, ...]:
        """Answer the devices that fit all that is given, best first: by how well the name fits, then the more popular, then the
        newer, then the shorter name. Brands compare without case. Nothing given answers every device."""
        return tuple(self._shelf.find(q, category, brand, year))

    def named(self, name: str) -> Device | None:
        """Find the one device that is called exactly so, by name, alias, model number or id; None when it is not certain."""
        return self._shelf.called(name)

    def offered(self, device: Device) -> tuple[Service, ...]:
        """Answer the services the shop does for that kind of device, in the catalogue's order. Whether one has a price is
        the rulebook's to say."""
        return tuple(service for service in self.services.values() if service.is_for(device.category))


@frozen
class _Shelf:
    """The devices in the order in which equals are answered, and who is in which category, of which brand and year."""

    devices: tuple[Device, ...]
    index: Index
    sets: Mapping[object, Bits]

    @classmethod
    def of(cls, devices: Iterable[Device], aliases: Mapping[str, str]) -> "_Shelf":
        in_order = tuple(sorted(devices, key=_rank))
        numbers: defaultdict[object, list[int]] = defaultdict(list)
        for number, device in enumerate(in_order):
            for shared in (("category", device.category), ("brand", device.brand.casefold()), ("year", device.year)):
                numbers[shared].append(number)
        named = [
            Named(names=_names(each), aliases=_others(each), model_numbers=each.model_numbers) for each in in_order
        ]
        sets = {shared: bits_of(found, len(in_order)) for shared, found in numbers.items()}
        return cls(in_order, Index.of(named, aliases), sets)

    def find(self, q: str, category: str | None, brand: str | None, year: int | None) -> Iterator[Device]:
        among = self.index.everything
        for wanted in (("category", category), ("brand", brand and brand.casefold()), ("year", year)):
            if wanted[1] is not None:
                among &= self.sets.get(wanted, 0)
        if not q and among == self.index.everything:
            return iter(self.devices)
        return (self.devices[number] for _, number in self.index.search(q, among))

    def called(self, name: str) -> Device | None:
        found = [
            each for each in islice(self.index.search(name, self.index.everything), 2) if each[0] <= Closeness.ALIAS
        ]
        is_certain = len(found) == 1 or (len(found) == 2 and found[0][0] < found[1][0])
        return self.devices[found[0][1]] if name.strip() and is_certain else None


def _rank(device: Device) -> tuple[int, int, int, str]:
    return -device.popularity, -(device.year or 0), len(device.name), device.name


def _names(device: Device) -> tuple[str, ...]:
    return tuple({device.name: None, device.model: None})


def _others(device: Device) -> tuple[str, ...]:
    return (*device.aliases, device.id)
