"""What can be quoted for a device: the catalogue says what the shop does, the rulebook what has a price."""

from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.quoting import is_offered


def offered(catalogue: Catalogue, rulebook: CompiledRulebook, device: Device) -> tuple[Service, ...]:
    """Answer the services that a quote for the device can hold, in the catalogue's order."""
    return tuple(service for service in catalogue.offered(device) if is_offered(service, device, rulebook))
