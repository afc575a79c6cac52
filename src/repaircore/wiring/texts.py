"""Texts of explanations that are read with the first one."""

from pathlib import Path

from attrs import frozen

from repaircore.domain.pricing.messages import Messages


@frozen
class Texts:
    """The texts by language; those in the business's `folder` go before the packaged ones."""

    folder: Path | None = None

    def __call__(self, language: str) -> Messages:
        """Answer the texts of a language. Raises InvalidValue where there are none."""
        from repaircore.adapters.pricing.texts import messages

        return messages(language, self.folder)

    def check(self) -> None:
        """Read every language. Raises InvalidValue for a text of the business that is not known or cannot be filled in."""
        from repaircore.adapters.pricing.texts import languages

        for language in languages():
            self(language)
