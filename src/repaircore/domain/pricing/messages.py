"""Sentences in a customer's language: texts by key with places to fill in; what a language lacks is told in another."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from repaircore.domain.money import Money, digits

_FEW = 5


@frozen
class Messages:
    """The texts of one language, by `section.key`. `fallback` has every text that this one may lack."""

    language: str
    texts: Mapping[str, str]
    fallback: "Messages | None" = None

    def say(self, key: str, /, **values: str) -> str:
        """Fill in a text. Raises KeyError for a text that is in no language."""
        return self._text(key).format_map(values)

    def has(self, key: str) -> bool:
        """Whether some language has the text."""
        return key in self.texts or (self.fallback is not None and self.fallback.has(key))

    def money(self, amount: Money) -> str:
        """Write an amount as the language does: `£1,165.00`, `1.165,00 £`; a currency without a sign of its own as `KWD 1.250`."""
        places = digits(amount.currency)
        whole, part = divmod(abs(amount.amount), 10**places)
        figure = f"{whole:,}".replace(",", self._text("format.thousands"))
        figure += f"{self._text('format.decimal')}{part:0{places}d}" if places else ""
        sign, symbol = "-" if amount.amount < 0 else "", f"format.symbols.{amount.currency}"
        if self.has(symbol):
            return sign + self.say("format.money_with_symbol", amount=figure, symbol=self._text(symbol))
        return sign + self.say("format.money", amount=figure, currency=amount.currency)

    def number(self, figure: str) -> str:
        """Write an exact figure with the language's decimal sign: `9.25`, `9,25`; a ratio stays one."""
        return figure.replace(".", self._text("format.decimal"))

    def word(self, word: str) -> str:
        """Say one of the rulebook's words; what is not translated is said as it is written, without underscores."""
        key = f"words.{word or 'none'}"
        return self._text(key) if self.has(key) else word.replace("_", " ").replace("-", " ")

    def any_of(self, words: Sequence[str]) -> str:
        """Say that one of them will do; of many, the first few."""
        if len(words) > _FEW:
            more = self.say("format.more", count=str(len(words) - _FEW))
            return f"{', '.join(words[:_FEW])} {self._text('format.or')} {more}"
        return self._listed(words, "format.or")

    def all_of(self, words: Sequence[str]) -> str:
        """Say all of them."""
        return self._listed(words, "format.and")

    def weekday(self, day: int) -> str:
        """Name a day of the week; 0 is Monday."""
        return self._text(f"format.weekdays.{day}")

    def month(self, month: int) -> str:
        """Name a month; 1 is January."""
        return self._text(f"format.months.{month - 1}")

    def moment(self, at: datetime) -> str:
        """Say a moment on the wall clock that it is given in."""
        return self.say(
            "format.moment",
            weekday=self.weekday(at.weekday()),
            day=str(at.day),
            month=self.month(at.month),
            year=str(at.year),
            time=f"{at:%H:%M}",
        )

    def gaps(self, keys: Iterable[str]) -> tuple[str, ...]:
        """List the texts that this language leaves to its fallback."""
        return tuple(sorted(key for key in keys if key not in self.texts))

    def _listed(self, words: Sequence[str], last: str) -> str:
        *first, end = words or ("",)
        return f"{', '.join(first)} {self._text(last)} {end}" if first else end

    def _text(self, key: str) -> str:
        text = self.texts.get(key)
        if text is not None:
            return text
        if self.fallback is None:
            raise KeyError(key)
        return self.fallback._text(key)
