"""What the shop repairs and what it does: devices, services, and which service is offered for which device."""

from collections.abc import Mapping

from attrs import field, frozen

from repaircore.domain.catalog.search import Entry, rank
from repaircore.domain.errors import NotFound
from repaircore.domain.money import Money


@frozen
class Category:
    """A kind of device: `iphone`, `macbook`, `gaming-console`."""

    id: str
    name: str


@frozen
class Device:
    """One model. `year` is the model year; `aliases` are other names people type; `refurbished_only` means that original
    parts for it are not to be had, so some services are only quoted with refurbished parts; `average_repair_cost` is what a
    repair of it usually comes to, for orientation and never a price."""

    id: str
    brand: str
    model: str
    category: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    popularity: int = 0
    refurbished_only: bool = False
    average_repair_cost: Money | None = None

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
    """The whole offer, immutable: a change is a new catalogue."""

    categories: Mapping[str, Category]
    devices: Mapping[str, Device]
    services: Mapping[str, Service]
    _index: tuple[Entry, ...] = field(init=False, eq=False, repr=False)

    @_index.default
    def _indexed(self) -> tuple[Entry, ...]:
        return tuple(
            Entry.of(device.id, (device.name, device.model, *device.aliases, device.id))
            for device in self.devices.values()
        )

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
        return tuple(sorted({device.brand for device in self.find(category=category)}))

    def find(
        self, *, q: str = "", category: str | None = None, brand: str | None = None, year: int | None = None
    ) -> tuple[Device, ...]:
        """Answer the devices that fit all that is given, best first: by how well the name fits, then the closest name,
        then the more popular, then the newer. Brands compare without case. Nothing given answers every device."""
        found = [
            (closeness, length, -device.popularity, -(device.year or 0), device.name, device)
            for closeness, length, device in ((c, n, self.devices[i]) for c, n, i in rank(self._index, q))
            if category in (None, device.category)
            and (brand is None or brand.casefold() == device.brand.casefold())
            and year in (None, device.year)
        ]
        return tuple(device for *_, device in sorted(found, key=lambda row: row[:-1]))

    def offered(self, device: Device) -> tuple[Service, ...]:
        """Answer the services the shop does for that kind of device, in the catalogue's order. Whether one has a price is
        the rulebook's to say."""
        return tuple(service for service in self.services.values() if service.is_for(device.category))
