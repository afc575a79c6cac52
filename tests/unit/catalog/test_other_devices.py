"""Devices that are not in the catalogue: refused, priced by their category, or looked at first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.catalog.other import Admitted, OtherDevices, OtherPolicy
from repaircore.domain.errors import InvalidValue, NotFound, NotOffered

KNOWN = Device("iphone-13", "Apple", "iPhone 13", "iphone", 2021)
CATALOGUE = Catalogue(
    {"iphone": Category("iphone", "iPhone"), "tv": Category("tv", "Television")},
    {KNOWN.id: KNOWN},
    {"look": Service("look", "Inspection")},
)
SHOP = OtherDevices(usual=OtherPolicy.DEFAULTS, by_category={"tv": OtherPolicy.INSPECTION}, inspection_service="look")


@pytest.mark.parametrize(
    ("id", "description"), [("iphone-13", ""), ("iphone-13", "whatever"), ("", "iPhone 13"), ("", " apple iphone13 ")]
)
def test_a_device_that_is_known(id: str, description: str) -> None:
    """By its id, or by a name that is certainly its own, it is the one in the catalogue, whatever the shop decided."""
    for shop in (SHOP, OtherDevices()):
        assert shop.admit(id, description, CATALOGUE) == Admitted(device=KNOWN)


def test_defaults_of_a_category() -> None:
    """A device that only its category is known of stands for any of it."""
    admitted = SHOP.admit("other-iphone", "", CATALOGUE)

    assert admitted == Admitted(device=Device("other-iphone", "", "Other iPhone", "iphone"))
    assert admitted.device.name == "Other iPhone"


def test_a_description_names_it() -> None:
    """In the customer's own words; without a category it is of none."""
    assert SHOP.admit("other-iphone", "iPhone  1st  gen", CATALOGUE).device.name == "iPhone 1st gen"
    assert SHOP.admit("", "Vertu Signature", CATALOGUE).device == Device("other", "", "Vertu Signature", "")


def test_a_quote_on_inspection() -> None:
    """The inspection is what is quoted, and the name says so."""
    admitted = SHOP.admit("other-tv", "Loewe Bild 7", CATALOGUE)

    assert admitted.inspection == "look"
    assert admitted.device.name == "Loewe Bild 7 (quote on inspection)"


def test_what_is_refused() -> None:
    """An unknown id, an unknown category, nothing at all, and any other device where the shop does not quote them."""
    with pytest.raises(NotFound, match="did you mean 'iphone-13'"):
        SHOP.admit("iphone-14", "", CATALOGUE)
    with pytest.raises(NotFound, match="did you mean 'iphone'"):
        SHOP.admit("other-iphon", "", CATALOGUE)
    with pytest.raises(InvalidValue):
        SHOP.admit("", "  ", CATALOGUE)
    with pytest.raises(NotOffered) as refused:
        OtherDevices().admit("other-iphone", "", CATALOGUE)
    assert refused.value.code == "device_not_in_catalogue"


@given(st.text(max_size=30), st.sampled_from(OtherPolicy))
def test_any_description_is_admitted_as_the_shop_decided(description: str, usual: OtherPolicy) -> None:
    """Whatever is typed: a device of the catalogue, a stand-in with just these words, or a refusal that the shop wants."""
    shop = OtherDevices(usual=usual, inspection_service="look")
    try:
        admitted = shop.admit("", description, CATALOGUE)
    except InvalidValue:
        assert not description.strip()
    except NotOffered:
        assert usual is OtherPolicy.REFUSE
    else:
        assert admitted.device == KNOWN or admitted.device.model.startswith(" ".join(description.split()))
        assert bool(admitted.inspection) == (usual is OtherPolicy.INSPECTION and admitted.device != KNOWN)
