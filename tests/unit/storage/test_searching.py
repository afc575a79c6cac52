"""The words that bookings are found by."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage.searching import (
    LONGEST_WORD,
    MOST_TYPED,
    MOST_WORDS,
    Exact,
    Wanted,
    search_words,
    wanted,
    words_of,
)
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.testing.storage.values import a_booking

ALPHABETS = st.characters(categories=("Lu", "Ll", "Lo", "Nd"), max_codepoint=0x2FFF)
NAMES = st.lists(st.text(ALPHABETS, min_size=1, max_size=12), min_size=1, max_size=MOST_TYPED).map(" ".join)


def booked_by(name: str) -> Booking:
    """A booking of that customer."""
    return evolve(a_booking(1), customer=Contact(name=name, email="jo@example.com", phone="+442079460958"))


def looked_for(words: str) -> Wanted:
    """Those words, whatever else they look like."""
    typed = tuple(dict.fromkeys(words_of(words, "")))[:MOST_TYPED]
    return Wanted(None, words=typed)


def finds(text: Wanted, name: str) -> bool:
    """Whether a booking in that name is found."""
    return text.matches(booked_by(name))


@given(NAMES)
def test_names_find_themselves(name: str) -> None:
    """Typed as it is stored, in capitals, or in small letters, a name finds its booking."""
    for typed in (name, name.upper(), name.casefold()):
        assert finds(looked_for(typed), name) or not looked_for(typed).words


@given(NAMES, st.data())
def test_the_last_word_may_be_cut_short(name: str, data: st.DataObject) -> None:
    """Every beginning of a word that a booking is found by finds it."""
    words = words_of(name, "")
    for word in words:
        cut = word[: data.draw(st.integers(1, len(word)))]
        assert finds(Wanted(None, words=(words[0], cut)), name)


@given(NAMES, NAMES)
def test_words_in_the_table_decide(name: str, typed: str) -> None:
    """Whoever finds by the table's words finds what the text of the words says."""
    text = looked_for(typed)
    words = search_words(booked_by(name))
    if text.words:
        *whole, last = text.words
        assert finds(text, name) == (set(whole) <= set(words) and any(word.startswith(last) for word in words))


def test_accents_and_signs() -> None:
    """Letters lose their accents; signs part words, and are none."""
    assert words_of("Zoë O’Brien-Łukasz", "iPhone 13 Pro") == ("zoe", "o", "brien", "lukasz", "iphone", "13", "pro")
    assert words_of("Straße Ærø", "修理店 100%") == ("strasse", "aero", "修理店", "100")
    assert wanted("%%%").words == ()


def test_what_a_booking_is_found_by_has_bounds() -> None:
    """A name of any length fills neither an index nor a statement."""
    name = " ".join(f"{number}{'x' * 99}" for number in range(99))

    assert len(words_of(name, "")) == MOST_WORDS
    assert {len(word) for word in words_of(name, "")} == {LONGEST_WORD}
    assert len(wanted(f"jo {name}").words) == MOST_TYPED


def test_what_is_compared_as_a_whole() -> None:
    """An e-mail address, a phone number and a reference are told by their form."""
    assert wanted("Jo@EXAMPLE.com") == Wanted(Exact.EMAIL, "jo@example.com")
    assert wanted("0044 (20) 7946-0958") == Wanted(Exact.PHONE, "+442079460958")
    assert wanted(a_booking(1).reference.lower()).exact is Exact.REFERENCE
    assert wanted("jo bloggs").exact is None
