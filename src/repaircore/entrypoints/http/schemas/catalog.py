"""The offer, as JSON."""

from repaircore.domain.catalog import catalogue
from repaircore.domain.money import Money
from repaircore.entrypoints.http.schemas.words import View


class Category(View):
    """A kind of device."""

    id: str
    name: str


class Device(View):
    """One model. `average_repair_cost` is for orientation and never a price."""

    id: str
    name: str
    brand: str
    model: str
    category: str
    year: int | None
    model_numbers: list[str]
    popularity: int
    refurbished_only: bool
    average_repair_cost: Money | None


class Service(View):
    """Something the shop does. `minutes` is the planned bench time."""

    id: str
    name: str
    description: str
    minutes: int
    turnaround: str
    warranty_days: int
    max_quantity: int


class Categories(View):
    """A page of categories."""

    items: list[Category]
    next_cursor: str | None


class Brands(View):
    """A page of brands."""

    items: list[str]
    next_cursor: str | None


class Devices(View):
    """A page of devices, best match first."""

    items: list[Device]
    next_cursor: str | None


class Services(View):
    """A page of services."""

    items: list[Service]
    next_cursor: str | None


def category(found: catalogue.Category) -> Category:
    """Show a category."""
    return Category(id=found.id, name=found.name)


def device(found: catalogue.Device) -> Device:
    """Show a device."""
    return Device(
        id=found.id,
        name=found.name,
        brand=found.brand,
        model=found.model,
        category=found.category,
        year=found.year,
        model_numbers=list(found.model_numbers),
        popularity=found.popularity,
        refurbished_only=found.refurbished_only,
        average_repair_cost=found.average_repair_cost,
    )


def service(found: catalogue.Service) -> Service:
    """Show a service."""
    return Service(
        id=found.id,
        name=found.name,
        description=found.description,
        minutes=found.minutes,
        turnaround=found.turnaround,
        warranty_days=found.warranty_days,
        max_quantity=found.max_quantity,
    )
