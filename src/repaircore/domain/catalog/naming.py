"""What devices are called, taken apart once for the search."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from repaircore.domain.catalog.words import pieces, words

Phrase = tuple[str, ...]


@frozen(kw_only=True)
class Named:
    """What one device is known by: its names (with and without the brand), others, and the numbers its maker prints on it."""

    names: Sequence[str]
    aliases: Sequence[str] = ()
    model_numbers: Sequence[str] = ()


@frozen
class Substitutes:
    """Other ways to say a part of a name: `ps5` for `PlayStation 5`, so that the `PlayStation 5 Slim` is the `ps5 slim` too."""

    _by_first: Mapping[str, Sequence[tuple[Phrase, Phrase]]]

    @classmethod
    def of_aliases(cls, aliases: Mapping[str, str]) -> "Substitutes":
        """Prepare them; `aliases` says for each what it stands for."""
        found: defaultdict[str, list[tuple[Phrase, Phrase]]] = defaultdict(list)
        for alias, meant in aliases.items():
            if parts := words(meant):
                found[parts[0]].append((parts, words(alias)))
        return cls(dict(found))

    def of(self, name: Phrase) -> Iterator[Phrase]:
        """Answer the name with one part said otherwise, in every such way."""
        for at, word in enumerate(name):
            for meant, alias in self._by_first.get(word, ()):
                end = at + len(meant)
                if name[at:end] == meant:
                    yield (*name[:at], *alias, *name[end:])


@define
class Spelling:
    """Who has which word, as numbers of devices: whole names and makers' numbers run together, and the words in
    them."""

    names: defaultdict[str, set[int]] = field(factory=lambda: defaultdict(set))
    aliases: defaultdict[str, set[int]] = field(factory=lambda: defaultdict(set))
    numbers: defaultdict[str, set[int]] = field(factory=lambda: defaultdict(set))
    words: defaultdict[str, set[int]] = field(factory=lambda: defaultdict(set))
    run_together: list[str] = field(factory=list)

    def add(self, number: int, device: Named, substitutes: Substitutes) -> None:
        """Take in the next device."""
        names = [words(name) for name in device.names]
        others = [words(name) for name in device.aliases]
        others += [other for name in names for other in substitutes.of(name)]
        printed = [words(name) for name in device.model_numbers]
        for phrases, table in (
            (names, self.names),
            (others, self.aliases),
            (printed, self.aliases),
            (printed, self.numbers),
        ):
            for phrase in phrases:
                table["".join(phrase)].add(number)
        for word in _spoken(names + others).union(*printed):
            self.words[word].add(number)
        self.run_together.append("|".join("".join(phrase) for phrase in names + others))


def _spoken(phrases: Sequence[Phrase]) -> set[str]:
    whole = {word for phrase in phrases for word in phrase}
    return whole.union(*(pieces(word) for word in whole if not word.isalpha()))
