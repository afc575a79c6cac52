"""The texts of explanations: a TOML file per language beside this one, English complete."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from repaircore.domain.errors import InvalidValue, nearest
from repaircore.domain.pricing.messages import Messages

COMPLETE = "en"


@cache
def languages() -> tuple[str, ...]:
    """Name the languages that there are texts in."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if _is_texts(file.name)))


@cache
def messages(language: str = COMPLETE) -> Messages:
    """Read the texts of a language, `de` also for `de-AT`; what it lacks is in English. Raises InvalidValue."""
    wanted = language.replace("_", "-").split("-")[0].lower()
    if wanted not in languages():
        close = nearest(wanted, languages())
        hint = f" Did you mean {close!r}?" if close else ""
        raise InvalidValue(
            f"there are no texts in {language!r}.{hint} Known: {', '.join(languages())}", pointer="/language"
        )
    texts = dict(_flat("", tomllib.loads(files(__name__).joinpath(f"{wanted}.toml").read_text("utf-8"))))
    return Messages(wanted, texts, None if wanted == COMPLETE else messages())


def _is_texts(name: str) -> bool:
    return name.endswith(".toml")


def _flat(prefix: str, part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        match value:
            case Mapping():
                yield from _flat(f"{prefix}{name}.", value)
            case list():
                yield from _flat(f"{prefix}{name}.", {str(index): text for index, text in enumerate(value)})
            case _:
                yield f"{prefix}{name}", str(value)
