"""Devices that are not in the catalogue: priced by what their category has in common, or looked at first, as the shop decides."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.domain.errors import InvalidValue, NotFound, NotOffered

PREFIX = "other-"
UNKNOWN = "other"


class OtherPolicy(StrEnum):
    """What becomes of a request for a device that is not in the catalogue."""

    REFUSE = "refuse"
    DEFAULTS = "defaults"  # the prices that hold for any device of its category
    INSPECTION = "inspection"  # the inspection is quoted, and the repair once the device was seen


@frozen(kw_only=True)
class Admitted:
    """The device to quote for. With an `inspection`, that service is quoted in place of what was asked for."""

    device: Device
    inspection: str = ""


@frozen(kw_only=True)
class OtherDevices:
    """What the shop decided, by category; `usual` is for every other category, and for devices whose category nobody knows."""

    usual: OtherPolicy = OtherPolicy.REFUSE
    by_category: Mapping[str, OtherPolicy] = field(factory=dict)
    inspection_service: str = ""

    def admit(self, device_id: str, description: str, catalogue: Catalogue) -> Admitted:
        """Find the device: in the catalogue by its id, or by a description that is certainly one device's name; otherwise one
        that stands for it, with `other-<category>` as id.

        Raises NotFound, InvalidValue when nothing names it, and NotOffered where the shop does not quote such devices.
        """
        category = device_id.removeprefix(PREFIX) if device_id.startswith(PREFIX) else ""
        if device_id in catalogue.devices or (device_id and not category):
            return Admitted(device=catalogue.device(device_id))
        if category and category not in catalogue.categories:
            raise NotFound("category", category, tuple(catalogue.categories), pointer="/device_id")
        if not (category or description.strip()):
            raise InvalidValue("name a device, or describe it", pointer="/device_id")
        known = None if category else catalogue.named(description)
        return Admitted(device=known) if known else self._other(category, " ".join(description.split()), catalogue)

    def _other(self, category: str, description: str, catalogue: Catalogue) -> Admitted:
        policy = self.by_category.get(category, self.usual)
        name = description or f"Other {catalogue.categories[category].name}"
        id = f"{PREFIX}{category}" if category else UNKNOWN
        match policy:
            case OtherPolicy.REFUSE:
                raise NotOffered(
                    f"{name} is not in the catalogue, and others are not quoted here: ask the shop",
                    pointer="/device_id",
                    code="device_not_in_catalogue",
                )
            case OtherPolicy.DEFAULTS:
                return Admitted(device=Device(id=id, brand="", model=name, category=category))
            case OtherPolicy.INSPECTION:
                device = Device(id=id, brand="", model=f"{name} (quote on inspection)", category=category)
                return Admitted(device=device, inspection=self.inspection_service)
