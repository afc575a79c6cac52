"""Searching: typing errors, other words, model numbers, the order of answers, and how long it takes."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.domain.catalog.words import within_one_edit, words
from tests.unit.catalog.test_search import catalogue_of

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MODELS = (
    *(("Apple", f"iPhone {number}{kind}") for number in (12, 13, 14) for kind in ("", " Pro", " Pro Max", " mini")),
    *(("Samsung", f"Galaxy S{number}{kind}") for number in (20, 21, 22) for kind in ("", "+", " Ultra")),
    ("Sony", "PlayStation 5"),
    ("Sony", "PlayStation 5 Slim"),
    ("Apple", 'MacBook Pro 14" M3'),
    ("Apple", 'MacBook Air 13" M3'),
)
DEVICES = tuple(Device("-".join(words(f"{brand} {model}")), brand, model, "any", 2020) for brand, model in MODELS)
SHOP = catalogue_of(*DEVICES)
ALIASES = {"PS5": "PlayStation 5", "MBP": "MacBook Pro"}


@st.composite
def mistyped(draw: st.DrawFn) -> tuple[Device, str]:
    """A device's name with one edit in one of its words of four letters or more."""
    device = draw(st.sampled_from(DEVICES))
    typed = list(words(device.name))
    at = draw(st.sampled_from([place for place, word in enumerate(typed) if word.isalpha() and len(word) > 3]))
    typed[at] = draw(st.sampled_from(sorted(edits(typed[at]))))
    return device, " ".join(typed)


def edits(word: str) -> set[str]:
    """Every word one edit away, written the long way."""
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    fewer = {left + right[1:] for left, right in parts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in parts if right for letter in LETTERS}
    more = {left + letter + right for left, right in parts for letter in LETTERS}
    return fewer | swapped | changed | more


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("iphnoe 13", "iPhone 13"),
        ("iphnoe13 pro mxa", "iPhone 13 Pro Max"),
        ("galxy s21 ultra", "Galaxy S21 Ultra"),
        ("samsng galaxi s21ultra", "Galaxy S21 Ultra"),
        ("macbook 14 m3", 'MacBook Pro 14" M3'),
        ("galxy s2", "Galaxy S20"),
        ("playstaton 5 slim", "PlayStation 5 Slim"),
    ],
)
def test_a_typing_error_in_each_word(typed: str, first: str) -> None:
    """One edit in a word does not keep the device from being found first."""
    assert SHOP.find(q=typed)[0].model == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("iphone 13 pro max 256gb", "iPhone 13 Pro Max"),
        ("128 GB iphone 12 mini", "iPhone 12 mini"),
        ("iphne 13 128gb black", "iPhone 13"),
        ("ps5 1tb", None),
        ("iphone 31 256gb", None),
    ],
)
def test_how_much_it_stores_is_said_for_nothing(typed: str, first: str | None) -> None:
    """Nobody's name has it, and it hides no device; what is left has to fit as ever."""
    found = SHOP.find(q=typed)

    assert (found[0].model if found else None) == first


def test_a_device_that_is_named_by_what_it_stores() -> None:
    """There it tells devices apart."""
    small, large = (Device(size, "Apple", f"iPod {size}", "player") for size in ("16GB", "32GB"))

    assert catalogue_of(small, large).find(q="ipod 32gb") == (large,)


@given(mistyped())
@example((DEVICES[0], "apple ipone 12"))
def test_one_edit_still_finds_the_device(case: tuple[Device, str]) -> None:
    """Whatever one edit did to one word, the device is among those found."""
    device, typed = case

    assert device in SHOP.find(q=typed)


@pytest.mark.parametrize("typed", ["iphone 31", "galaxy s12", "galaxy s2l ultra", "iphonnne 13"])
def test_digits_are_meant_as_they_are_typed(typed: str) -> None:
    """Another number is another device, and two edits are another word."""
    assert SHOP.find(q=typed) == ()


@given(st.text(LETTERS, max_size=6), st.text(LETTERS, max_size=6))
@example("ab", "ba")
@example("abcd", "acbd")
def test_within_one_edit_is_what_the_long_way_says(one: str, other: str) -> None:
    """Letters more, less, changed or swapped: one of them once, or nothing at all."""
    assert within_one_edit(one, other) == (other == one or other in edits(one))


def counting_swaps_twice(one: str, other: str) -> bool:
    """What is often written instead: a swap is taken for two changes."""
    wrong = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    return wrong <= 1


@pytest.mark.parametrize(("judge", "holds"), [(within_one_edit, True), (counting_swaps_twice, False)])
def test_the_law_of_edits_catches_a_broken_judge(judge: Callable[[str, str], bool], holds: bool) -> None:
    """A judge that takes a swap for two edits, or a letter too many for many, does not pass."""
    assert all(judge("galaxy", other) for other in edits("galaxy")) is holds


def test_a_whole_number_before_one_that_begins_so() -> None:
    """With another word mistyped, a 3 is a 3, and a 39 only when there is none."""
    three, newer = Device("three", "Acme", "Ember 3", "any", 2003), Device("newer", "Acme", "Ember 39", "any", 2014)

    assert catalogue_of(three, newer).find(q="embr 3") == (three,)
    assert catalogue_of(newer).find(q="embr 3") == (newer,)


def test_other_words_for_a_part_of_the_name() -> None:
    """An alias stands for its words wherever they are in a name."""
    shop = Catalogue({}, {device.id: device for device in DEVICES}, {}, ALIASES)

    assert [device.model for device in shop.find(q="ps5")] == ["PlayStation 5", "PlayStation 5 Slim"]
    assert [device.model for device in shop.find(q="ps5 slim")] == ["PlayStation 5 Slim"]
    assert shop.find(q="mbp 14")[0].model == 'MacBook Pro 14" M3'
    assert SHOP.find(q="ps5 slim") == ()


def test_the_number_on_the_back() -> None:
    """A model number finds its device, whole or begun, and is never mistaken for a word of a name."""
    pro = Device("pro", "Apple", "iPhone 13 Pro", "iphone", model_numbers=("A2483", "A2636"))
    ultra = Device("ultra", "Samsung", "Galaxy S21 Ultra", "phone", model_numbers=("SM-G998",))
    shop = catalogue_of(pro, ultra)

    assert shop.find(q="a2636") == (pro,)
    assert shop.find(q="A24") == (pro,)
    assert shop.find(q="sm-g998") == shop.find(q="SMG998") == (ultra,)
    assert shop.find(q="A2484") == ()


@pytest.mark.parametrize("printed", ["SM-G998B", "SM-G998B/DS", "sm-g998u1", "smg998n"])
def test_the_number_of_one_market(printed: str) -> None:
    """What is printed on a device ends in letters for its market or operator, which no price list has."""
    ultra = Device("ultra", "Samsung", "Galaxy S21 Ultra", "phone", model_numbers=("SM-G998",))
    plus = Device("plus", "Samsung", "Galaxy S21 Plus", "phone", model_numbers=("SM-G996",), aliases=("S21+",))

    assert catalogue_of(plus, ultra).find(q=printed) == (ultra,)
    assert catalogue_of(plus).find(q=printed) == ()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("iphone13 pro max", ["13 Pro"]),
        ("iphone 13 pro screen", ["13 Pro"]),
        ("ihpone 13 pro gold", ["13 Pro"]),
        ("iphone 12 pro max", []),
        ("iphone thirteen", []),
        ("pro 13 max ultra", []),
    ],
)
def test_one_word_too_many(asked: str, found: list[str]) -> None:
    """A word that no device has leads to the nearest one, as long as its number is right and the other words are its own."""
    shop = catalogue_of(
        Device("pro", "Apple", "iPhone 13 Pro", "iphone", 2021),
        Device("max", "Apple", "iPhone 14 Pro Max", "iphone", 2022),
    )

    assert [device.model.removeprefix("iPhone ") for device in shop.find(q=asked)] == found


def test_the_order_of_answers() -> None:
    """The name itself, then an alias, then names that begin so, then names with all the words, however popular."""
    exact = Device("exact", "Acme", "Note", "phone", 2001)
    alias = Device("alias", "Acme", "Pad", "phone", 2002, aliases=("Note",), popularity=1)
    begun = Device("begun", "Acme", "Note 9", "phone", 2003, popularity=2)
    within = Device("within", "Acme", "Great Note", "phone", 2004, popularity=3)
    newer = Device("newer", "Acme", "Grand Note", "phone", 2005, popularity=3)
    mistaken = Device("mistaken", "Acme", "Nota", "phone", 2006, popularity=9)
    shop = catalogue_of(mistaken, within, newer, begun, alias, exact)

    assert shop.find(q="note") == (exact, alias, begun, newer, within)
    assert shop.find(q="nott") == (mistaken, newer, within, begun, alias, exact)


@given(st.lists(st.sampled_from(DEVICES), unique=True, min_size=1), st.sampled_from(DEVICES))
def test_who_is_found_does_not_hang_on_who_else_there_is(kept: list[Device], wanted: Device) -> None:
    """Taking other devices out of the catalogue never hides a device that its full name finds."""
    found = catalogue_of(*{device.id: device for device in (*kept, wanted)}.values()).find(q=wanted.name)

    assert found[0] == wanted


def test_ten_thousand_devices_are_searched_quickly() -> None:
    """With typing errors in each word, well under 2 ms; the bound leaves room for a busy machine."""
    devices = [
        Device(f"d{line}-{n}-{kind}".lower(), maker, f"{name} {n} {kind}".strip(), "any", 2000 + n % 25)
        for line, (maker, name) in enumerate((m, n) for m in ("Samsung", "Apple", "Motorola") for n in NAMES)
        for n in range(140)
        for kind in ("", "Pro", "Ultra")
    ]
    shop = catalogue_of(*devices).ready()
    asked = ("galxy 21 ulta", "motrola nexos 7", "iphnoe 13", "nothing like it", "sasmung 99 por")

    started = process_time()
    found = [shop.find(q=typed) for typed in asked * 20]
    each = (process_time() - started) / len(found)

    assert len(devices) > 10_000
    assert found[0][0].model == "Galaxy 21 Ultra"
    assert each < 0.002


NAMES = ("Galaxy", "Nexos", "iPhone", "Aurora", "Zephyr", "Quark", "Ember", "Harbor", "Lumina")


@given(
    st.lists(
        st.sampled_from(["galaxy", "apple", "iphone", "ultra", "sony", "pro", "laxys", "s21u", "pler"]),
        min_size=1,
        max_size=4,
    )
)
def test_asking_again_answers_the_same(asked: list[str]) -> None:
    """What the search remembers of frequent words changes nothing."""
    many = catalogue_of(*DEVICES, *(Device(f"n{n}", "Apple", f"Galaxy {n}", "any", 2020) for n in range(40)))

    first = list(many.find(q=" ".join(asked)))

    assert list(many.find(q=" ".join(asked))) == first
