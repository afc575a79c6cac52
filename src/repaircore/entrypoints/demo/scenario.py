"""Who comes with what: one customer for each kind of business."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Scenario:
    """What the customer types, wants and says. A shop without it gets its first device and service instead."""

    search: str
    service: str
    urgency: str
    fulfilment: str
    postcode: str = ""
    customer: Mapping[str, str]
    address: Mapping[str, str] = field(factory=dict)
    issue: str

    @property
    def quote(self) -> Mapping[str, Any]:
        """What a request for a quote says besides the device and the service."""
        asked = {"urgency": self.urgency, "fulfilment": self.fulfilment, "postcode": self.postcode}
        return {name: value for name, value in asked.items() if value}


BENCH = Scenario(
    search="iphone 13 pro",
    service="screen-repair",
    urgency="urgent",
    fulfilment="in_store",
    customer={"name": "Ada Example", "email": "ada@example.com", "phone": "020 7946 0999"},
    issue="Dropped on the platform: the screen is cracked from corner to corner, touch still works.",
)

# The postcode decides the tax: sales tax comes on top, by ZIP prefix.
VAN = Scenario(
    search="galaxy s22",
    service="original-screen",
    urgency="standard",
    fulfilment="mobile",
    postcode="60462",
    customer={"name": "Grace Example", "email": "grace@example.com", "phone": "(708) 555-0199"},
    address={"line1": "1 Example Street", "city": "Orland Park", "region": "IL", "postcode": "60462", "country": "US"},
    issue="Fell out of the car: the screen stays black, though the phone still rings.",
)

_BY_PROFILE = {"mobile-van": VAN}


def scenario_for(profile: str) -> Scenario:
    """Choose the customer that fits a lifecycle profile."""
    return _BY_PROFILE.get(profile, BENCH)
