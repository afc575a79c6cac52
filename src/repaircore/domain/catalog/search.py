"""Finding a device by what people type: `iphone13 pro max`, `s21 ultra`, `S24+`, `galxy s21`, `A2483`.

Everything is prepared once. Devices are numbered in the order in which equals are answered, and a set of devices is an
integer with a bit for each: the devices with all of several words are found by `&`, already in order.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import IntEnum

from attrs import field, frozen

from repaircore.domain.catalog.haystack import Bits, Haystack, Postings, bits_of, numbers_in
from repaircore.domain.catalog.naming import Named, Spelling, Substitutes
from repaircore.domain.catalog.words import pieces, shortened, variant_of, within_one_edit, without_sizes, words

_SHORT = 2  # beginnings up to this long begin so many words that their devices are gathered beforehand
_MISTYPED = 3  # words shorter than this are taken as they are typed
_LEFT_OUT = range(
    3, 7
)  # of so many words one may be left out: of fewer, too little is left; in more, nobody names a device
_LAST = "\U0010ffff"


class Closeness(IntEnum):
    """How well a device fits, best first."""

    EXACT = 0  # it is the device's name
    ALIAS = 1  # it is another name of the device, its id or its model number
    PREFIX = 2  # one of its names begins with it
    WORDS = 3  # every word asked for is a word of its names
    BEGINNINGS = 4  # every word asked for begins one
    INSIDE = 5  # nothing fits better, and every word asked for is inside one
    TYPO = 6  # nothing fits better, and every word asked for is within one edit of one
    BEGUN = 7  # the same, and a word with digits may only be begun
    ACROSS = 8  # nothing fits better, and every word asked for is in its names run together
    VARIANT = 9  # nothing fits better, and it is the device's model number with letters of a market behind it
    SIZELESS = 10  # nothing fits better, and without what it stores (`256gb`), every word asked for is close to one
    WITHOUT = 11  # nothing fits better, and without one word of letters, every word asked for is close to one


@frozen
class Index:
    """The devices as the search sees them. It answers numbers: whoever made it knows whose they are."""

    size: int
    _names: Postings
    _aliases: Postings
    _numbers: Postings
    _words: Postings
    _short: Mapping[str, Bits]
    _sorted_names: Sequence[str]
    _sorted_words: Sequence[str]
    _spoken: Sequence[str]
    _inside_words: Haystack
    _inside_names: Haystack
    _shortened: Mapping[str, Sequence[str]]
    _frequent: dict[str, Bits] = field(factory=dict, init=False, eq=False, repr=False)

    @classmethod
    def of(cls, devices: Sequence[Named], aliases: Mapping[str, str]) -> "Index":
        """Prepare these devices, numbered as they come."""
        substitutes, spelling, size = Substitutes.of_aliases(aliases), Spelling(), len(devices)
        for number, device in enumerate(devices):
            spelling.add(number, device, substitutes)
        in_order = sorted(spelling.words)
        spoken = [word for word in in_order if word.isalpha()]
        return cls(
            size,
            Postings.of(spelling.names, size),
            Postings.of(spelling.aliases, size),
            Postings.of(spelling.numbers, size),
            Postings.of(spelling.words, size),
            _short_beginnings(spelling.words, size),
            sorted({*spelling.names, *spelling.aliases}),
            in_order,
            spoken,
            Haystack.of(spoken),
            Haystack.of(spelling.run_together),
            _mistypings(spoken),
        )

    def search(self, q: str, among: Bits) -> Iterator[tuple[Closeness, int]]:
        """Answer the devices that fit, out of a set of them, best first, each with how well it fits.

        Nothing asked for fits every device; signs without a letter or digit fit none.
        """
        asked = words(q)
        if not asked:
            yield from () if q.strip() else ((Closeness.EXACT, number) for number in numbers_in(among))
            return
        seen = 0
        for closeness, fitting in self._tiers(asked):
            new = fitting & among & ~seen
            seen |= new
            yield from ((closeness, number) for number in numbers_in(new))
            if seen and closeness >= Closeness.BEGINNINGS:
                return

    @property
    def everything(self) -> Bits:
        """Every device."""
        return (1 << self.size) - 1

    def _tiers(self, asked: Sequence[str]) -> Iterator[tuple[Closeness, Bits]]:
        """Answer who fits how well, the better first; who fits worse is only looked for when somebody wants to know."""
        name = "".join(asked)
        yield Closeness.EXACT, self._names[name]
        yield Closeness.ALIAS, self._aliases[name]
        yield Closeness.PREFIX, self._named_from(name)
        yield Closeness.WORDS, self._all(asked, self._having)
        yield Closeness.BEGINNINGS, self._all(asked, self._beginning)
        yield Closeness.INSIDE, self._all(asked, self._inside)
        yield Closeness.TYPO, self._all(asked, self._close_to)
        yield Closeness.BEGUN, self._all(asked, self._begun_or_close_to)
        yield Closeness.ACROSS, self._all_across(asked)
        yield Closeness.VARIANT, self._numbered(name)
        rest = without_sizes(asked)
        yield Closeness.SIZELESS, self._all(rest, self._close_to) if 0 < len(rest) < len(asked) else 0
        yield Closeness.WITHOUT, self._without_one(rest)

    def _all(self, asked: Sequence[str], fitting: Callable[[str], Bits]) -> Bits:
        """Who fits every word; after the first word that fits nobody the others are not looked at."""
        left = self.everything
        for word in asked:
            left &= fitting(word)
            if not left:
                break
        return left

    def _named_from(self, beginning: str) -> Bits:
        """Whose name begins so. A short beginning is left to the words: it says too little to be a name."""
        if len(beginning) <= _SHORT:
            return 0
        found = _range(self._sorted_names, beginning)
        return self._names.any_of(found) | self._aliases.any_of(found)

    def _having(self, word: str) -> Bits:
        """Who has the word, or all the pieces of it: `s21ultra` is said of an S21 Ultra."""
        apart = pieces(word)
        together = self._all(apart, self._known) if len(apart) > 1 else 0
        return self._known(word) | together

    def _known(self, word: str) -> Bits:
        return self._words[word]

    def _beginning(self, word: str) -> Bits:
        if len(word) <= _SHORT:
            return self._short.get(word, 0)
        return self._having(word) | self._words.any_of(_range(self._sorted_words, word))

    def _inside(self, word: str) -> Bits:
        """Who has every piece of it inside a word: letters inside letters, and digits as they are."""
        return self._all(pieces(word), self._within)

    def _within(self, piece: str) -> Bits:
        if len(piece) <= _SHORT or not piece.isalpha():
            return self._beginning(piece) if piece.isalpha() else self._known(piece)
        return self._words.any_of(self._spoken[place] for place in self._inside_words.holding(piece))

    def _all_across(self, asked: Sequence[str]) -> Bits:
        """Who has every word in its names run together; each is looked for only in those that have the ones before it."""
        left = self.everything
        for word in sorted(asked, key=len, reverse=True):
            inside = self._inside(word)
            left &= inside | self._run_together(word, left & ~inside)
            if not left:
                break
        return left

    def _run_together(self, word: str, among: Bits) -> Bits:
        """Frequent words are few, take the longest to be looked for and are asked for again: where they are is kept."""
        kept = self._frequent.get(word)
        if kept is not None:
            return kept & among
        if among.bit_count() * 2 < self.size:
            return bits_of(self._inside_names.holding_among(word, numbers_in(among)), self.size)
        found = bits_of(self._inside_names.holding(word), self.size)
        if self._words.is_frequent(word):
            self._frequent[word] = found
        return found & among

    def _numbered(self, name: str) -> Bits:
        """Who has the number that another follows: an `SM-G998B/DS` is an `SM-G998`."""
        found = variant_of(name)
        return self._numbers[found] if found else 0

    def _without_one(self, asked: Sequence[str]) -> Bits:
        """Who fits when one word of letters is left out, such as a `max` that is not to be had; a number always has to fit."""
        found = 0
        for at, word in enumerate(asked if len(asked) in _LEFT_OUT else ()):
            others = (*asked[:at], *asked[at + 1 :])
            if word.isalpha() and not all(other.isalpha() for other in others):
                found |= self._all(others, self._close_to)
        return found

    def _close_to(self, word: str) -> Bits:
        """Who has the word when one letter of it is wrong. Digits are never wrong: an S21 is no S22, and no S2."""
        begun = self._beginning(word) if word.isalpha() else self._known(word)
        return begun | self._all(pieces(word), self._mended)

    def _begun_or_close_to(self, word: str) -> Bits:
        return self._beginning(word) | self._close_to(word)

    def _mended(self, word: str) -> Bits:
        if len(word) < _MISTYPED or not word.isalpha():
            return self._known(word)
        spellings = (word, *shortened(word))
        near = {known for each in spellings for known in self._shortened.get(each, ())}
        near.update(each for each in spellings if each in self._words and each.isalpha())
        return self._words.any_of(known for known in near if within_one_edit(word, known))


def _short_beginnings(by_word: Mapping[str, Collection[int]], size: int) -> dict[str, Bits]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for word, devices in by_word.items():
        for beginning in {word[:length] for length in range(1, _SHORT + 1)}:
            found[beginning] += devices
    return {beginning: bits_of(numbers, size) for beginning, numbers in found.items()}


def _mistypings(known: Sequence[str]) -> dict[str, list[str]]:
    """Answer for every word with a letter left out which words it may have been."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in known:
        for each in set(shortened(word)):
            found[each].append(word)
    return dict(found)


def _range(in_order: Sequence[str], beginning: str) -> Sequence[str]:
    return in_order[bisect_left(in_order, beginning) : bisect_left(in_order, beginning + _LAST)]
