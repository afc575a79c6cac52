"""A catalogue of ten thousand devices that nobody sells, and what people would type to find one, with a typing error in each word."""

from collections.abc import Iterator
from itertools import product

from repaircore.domain.catalog.catalogue import Catalogue, Device

_MAKERS = ("Samsung", "Apple", "Motorola", "Fairphone")
_LINES = ("Galaxy", "Nexos", "Aurora", "Zephyr", "Quark", "Ember", "Harbor", "Lumina", "Pixel", "Redmi")
_KINDS = ("", "Pro", "Ultra", "Plus", "Mini")
_NUMBERS = range(50)

MISTYPED = (
    "galxy 21 ulta",
    "motrola nexos 7",
    "samsng aurroa 30 por",
    "zephry 44",
    "fiarphone lumnia 12 mni",
    "appel embr 3 pluss",
)


def ten_thousand() -> Catalogue:
    """Answer the catalogue, ready to be searched."""
    return Catalogue({}, {device.id: device for device in _devices()}, {}).ready()


def _devices() -> Iterator[Device]:
    for maker, line, number, kind in product(_MAKERS, _LINES, _NUMBERS, _KINDS):
        model = f"{line} {number} {kind}".strip()
        yield Device(
            f"{maker}-{model}".lower().replace(" ", "-"),
            maker,
            model,
            "any",
            2000 + number % 25,
            model_numbers=(f"{maker[0]}{line[0]}{number:02}{len(kind)}",),
        )
