"""People type a device's name in their own way and find it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Category, Device

NAMES = (
    ("Apple", "iPhone 13 Pro Max", "iphone", 2021),
    ("Apple", "iPhone 13 Pro", "iphone", 2021),
    ("Apple", "iPhone 13", "iphone", 2021),
    ("Apple", 'MacBook Pro 13" M2', "macbook", 2022),
    ("Samsung", "Galaxy S21 Ultra", "android-phone", 2021),
    ("Samsung", "Galaxy S24+", "android-phone", 2024),
    ("Samsung", "Galaxy Note 20 Ultra", "android-phone", 2020),
    ("Nokia", "Téléphone Ærø", "android-phone", 2019),
)


def catalogue_of(*devices: Device) -> Catalogue:
    categories = {device.category: Category(device.category, device.category) for device in devices}
    return Catalogue(categories, {device.id: device for device in devices}, {})


@pytest.fixture
def catalogue() -> Catalogue:
    devices = [
        Device(id=model.lower().replace(" ", "-"), brand=brand, model=model, category=category, year=year)
        for brand, model, category, year in NAMES
    ]
    return catalogue_of(*devices)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("iphone 13 pro", "iPhone 13 Pro"),
        ("iphone13 pro", "iPhone 13 Pro"),
        ("IPHONE13PRO", "iPhone 13 Pro"),
        ("apple iphone 13 pro", "iPhone 13 Pro"),
        ("  pro   13 iphone ", "iPhone 13 Pro"),
        ("iphone 13", "iPhone 13"),
        ("13 pro max", "iPhone 13 Pro Max"),
        ("s21 ultra", "Galaxy S21 Ultra"),
        ("samsung s21ultra", "Galaxy S21 Ultra"),
        ("s24+", "Galaxy S24+"),
        ("galaxy s24 plus", "Galaxy S24+"),
        ("note20", "Galaxy Note 20 Ultra"),
        ('macbook 13"', 'MacBook Pro 13" M2'),
        ("telephone", "Téléphone Ærø"),
        ("iphone-13-pro", "iPhone 13 Pro"),
    ],
)
def test_what_is_typed_finds_the_device(catalogue: Catalogue, typed: str, first: str) -> None:
    """Case, spaces, word order, accents and the maker's name do not matter; an exact name comes first."""
    found = catalogue.find(q=typed)

    assert found[0].model == first


@pytest.mark.parametrize("typed", ["iphone 99", "!!!", "'; drop table devices", "\0"])
def test_what_fits_nothing_finds_nothing(catalogue: Catalogue, typed: str) -> None:
    """There is no guessing: every word has to be in the name."""
    assert catalogue.find(q=typed) == ()


def test_nothing_asked_for_answers_everything(catalogue: Catalogue) -> None:
    """An empty search is the whole list."""
    assert len(catalogue.find()) == len(catalogue.find(q="  ")) == len(NAMES)


def test_filters_hold_together(catalogue: Catalogue) -> None:
    """Category, brand and year narrow the search; the brand is compared without case."""
    found = catalogue.find(q="ultra", category="android-phone", brand="SAMSUNG", year=2021)

    assert [device.model for device in found] == ["Galaxy S21 Ultra"]


def test_the_more_popular_comes_first_among_equals() -> None:
    """Equally close names are ordered by popularity, then the newer year."""
    old, new, liked = (
        Device("a1", "Acme", "One", "phone", 2019),
        Device("a2", "Acme", "Two", "phone", 2021),
        Device("a3", "Acme", "Six", "phone", 2010, popularity=5),
    )

    assert catalogue_of(old, new, liked).find(q="acme") == (liked, new, old)


def test_an_alias_is_as_good_as_the_name() -> None:
    """PS5 is the PlayStation 5, before the PS5 Slim."""
    slim = Device("slim", "Sony", "PlayStation 5 Slim", "console", aliases=("PS5 Slim",))
    console = Device("console", "Sony", "PlayStation 5", "console", aliases=("PS5",))

    assert catalogue_of(slim, console).find(q="ps5") == (console, slim)


def test_brands_are_named_once_in_order(catalogue: Catalogue) -> None:
    """A brand is known by its devices."""
    assert catalogue.brands() == ("Apple", "Nokia", "Samsung")
    assert catalogue.brands("iphone") == ("Apple",)


@given(st.sampled_from(NAMES), st.data())
def test_any_piece_of_a_name_finds_the_device(name: tuple[str, str, str, int], data: st.DataObject) -> None:
    """Whatever letters and digits in a row are taken from a name, in any case, the device is among those found."""
    device = Device("it", name[0], name[1], name[2], name[3])
    plain = "".join(letter for letter in device.name if letter.isalnum())
    start = data.draw(st.integers(0, len(plain) - 1))
    piece = plain[start : data.draw(st.integers(start + 1, len(plain)))]

    assert catalogue_of(device).find(q=data.draw(st.sampled_from([piece, piece.upper(), piece.lower()]))) == (device,)
