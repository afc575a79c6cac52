"""What the shop repairs and what it does: devices, services, and which service is offered for which device."""

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from repaircore.domain.errors import NotFound


@frozen
class Category:
    """A kind of device: `iphone`, `macbook`, `gaming-console`."""

    id: str
    name: str


@frozen
class Device:
    """One model. `year` is the model year; `aliases` are other names people type; `refurbished_only` means that original
    parts for it are not to be had, so some services are only quoted with refurbished parts."""

    id: str
    brand: str
    model: str
    category: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    popularity: int = 0
    refurbished_only: bool = False

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


@frozen
class Catalogue:
    """The whole offer, immutable: a change is a new catalogue."""

    categories: Mapping[str, Category] = field(converter=dict)
    devices: Mapping[str, Device] = field(converter=dict)
    services: Mapping[str, Service] = field(converter=dict)

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
        return tuple(sorted({device.brand for device in self._in(category)}))

    def _in(self, category: str | None) -> Iterable[Device]:
        return (device for device in self.devices.values() if category in (None, device.category))
