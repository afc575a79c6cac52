"""The offer: categories, brands, devices, services."""

from typing import Annotated

from msgspec import Meta

from repaircore.domain.errors import NotFound
from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import catalog
from repaircore.entrypoints.http.schemas.words import Limit
from repaircore.wiring.core import Core

routes = Routes("Catalogue")

Year = Annotated[int, Meta(ge=1970, le=2100)]


@routes.get("/v1/catalog/categories")
async def categories(core: Core, limit: Limit = 100, cursor: str = "") -> catalog.Categories:
    """List the kinds of devices the shop works on."""
    await core.catalog.follow()
    found = core.catalog.categories()
    shown, following = cursors.page("categories", found, limit=limit, cursor=cursor, key=lambda each: each.id)
    return catalog.Categories(items=[catalog.category(each) for each in shown], next_cursor=following)


@routes.get("/v1/catalog/brands")
async def brands(core: Core, category: str = "", limit: Limit = 100, cursor: str = "") -> catalog.Brands:
    """List the brands, all or of one category."""
    await core.catalog.follow()
    found = core.catalog.brands(category or None)
    shown, following = cursors.page("brands", found, limit=limit, cursor=cursor, key=str)
    return catalog.Brands(items=list(shown), next_cursor=following)


@routes.get("/v1/catalog/devices")
async def devices(
    core: Core,
    q: Annotated[str, Meta(max_length=100)] = "",
    category: str = "",
    brand: str = "",
    year: Year | None = None,
    limit: Limit = 20,
    cursor: str = "",
) -> catalog.Devices:
    """Find devices by what people type, best match first: `q=iphone 13 pro`, `q=s21 ultra`."""
    await core.catalog.follow()
    found = core.catalog.devices(q=q, category=category, brand=brand, year=year)
    shown, following = cursors.page("devices", found, limit=limit, cursor=cursor, key=lambda each: each.id)
    return catalog.Devices(items=[catalog.device(each) for each in shown], next_cursor=following)


@routes.get("/v1/catalog/devices/{device_id}")
async def device(core: Core, device_id: str) -> catalog.Device:
    """Read one device."""
    await core.catalog.follow()
    return catalog.device(core.catalog.device(device_id))


@routes.get("/v1/catalog/services")
async def services(core: Core, device_id: str = "", limit: Limit = 100, cursor: str = "") -> catalog.Services:
    """List what the shop does, for everything or for one device."""
    await core.catalog.follow()
    try:
        found = core.catalog.services(device_id or None)
    except NotFound as missing:
        missing.pointer = "/device_id"
        raise
    shown, following = cursors.page("services", found, limit=limit, cursor=cursor, key=lambda each: each.id)
    return catalog.Services(items=[catalog.service(each) for each in shown], next_cursor=following)
