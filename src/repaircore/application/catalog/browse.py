"""Looking through the offer."""

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.catalog.catalogue import Category, Device, Service
from repaircore.domain.catalog.other import OtherDevices
from repaircore.domain.pricing.offer import offered
from repaircore.ports.clock import Clock
from repaircore.ports.unit_of_work import UnitOfWorkFactory


@frozen
class Browse:
    """Reads the catalogue that prices are made from."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock
    other: OtherDevices

    async def follow(self) -> None:
        """Take in what was published elsewhere, when the last look is old."""
        await self.prices.follow(self.unit_of_work, self.clock.now())

    def categories(self) -> tuple[Category, ...]:
        """List the categories that have a device."""
        used = {device.category for device in self.prices.catalogue.devices.values()}
        return tuple(each for each in self.prices.catalogue.categories.values() if each.id in used)

    def brands(self, category: str | None = None) -> tuple[str, ...]:
        """List the brands with a device (in that category)."""
        return self.prices.catalogue.brands(category)

    def devices(self, q: str = "", category: str = "", brand: str = "", year: int | None = None) -> tuple[Device, ...]:
        """Find devices, best match first; without `q`, in the catalogue's order."""
        return self.prices.catalogue.find(q=q, category=category or None, brand=brand or None, year=year)

    def device(self, device_id: str) -> Device:
        """Find one device. Raises NotFound."""
        return self.prices.catalogue.device(device_id, pointer="")

    def services(self, device_id: str | None = None) -> tuple[Service, ...]:
        """List all services, or those offered for a device today; for one that is not in the catalogue (`other-<category>`),
        what is quoted before it was seen. Raises NotFound for an unknown device, and NotOffered."""
        catalogue = self.prices.catalogue
        if device_id is None:
            return tuple(catalogue.services.values())
        admitted = self.other.admit(device_id, "", catalogue)
        if admitted.inspection:
            return (catalogue.service(admitted.inspection),)
        return offered(catalogue, self.prices.current(self.clock.now()), admitted.device)
