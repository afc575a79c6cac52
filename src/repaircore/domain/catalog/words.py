"""Taking apart what people type and what devices are called, in the same way."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

_PIECES = re.compile(r"\d+|[^\W\d_]+")
_VARIANT = re.compile(r"([a-z]{1,3}\d{3,5})[a-z][a-z\d]{0,4}")
_WORDS = re.compile(r"[^\W_]+")
_SIZE, _SIZE_UNIT = re.compile(r"\d{1,4}(gb|tb)"), ("gb", "tb")


def words(text: str) -> tuple[str, ...]:
    """Split into plain lower-case words: no accents, no punctuation, and `+` is the word `plus`."""
    spoken = text.replace("+", " plus ").casefold()
    if not spoken.isascii():
        plain = unicodedata.normalize("NFKD", spoken).casefold()
        spoken = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_WORDS.findall(spoken))


def without_sizes(asked: Sequence[str]) -> tuple[str, ...]:
    """Leave out how much a device stores, `256gb` or `256 gb`: people say it, and devices are seldom named by it."""
    units = {at for at, word in enumerate(asked) if at and word in _SIZE_UNIT and asked[at - 1].isdigit()}
    left_out = units | {at - 1 for at in units}
    return tuple(word for at, word in enumerate(asked) if at not in left_out and not _SIZE.fullmatch(word))


def pieces(word: str) -> list[str]:
    """Split a word where letters meet digits: `s21ultra` is `s`, `21`, `ultra`."""
    return _PIECES.findall(word)


def variant_of(number: str) -> str:
    """Answer the model number of which this is the variant for one market or operator: `smg998` of `smg998bds`; nothing of others."""
    found = _VARIANT.fullmatch(number)
    return found[1] if found else ""


def shortened(word: str) -> Iterator[str]:
    """Answer the word with each one of its letters left out."""
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def within_one_edit(one: str, other: str) -> bool:
    """Say whether one letter more, less, changed, or swapped with its neighbour turns one word into the other."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[at:], other[at:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return rest == others or rest[1:] in (others, others[1:]) or rest == others[1:] or swapped
