"""The texts of explanations: a TOML file per language beside this one, each complete; a business's own go first."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from repaircore.domain.errors import InvalidValue, nearest
from repaircore.domain.pricing.messages import Messages

COMPLETE = "en"
_OWN_NAMES = ("rules", "services", "words")  # sections in which a business names its own things


@cache
def languages() -> tuple[str, ...]:
    """Name the languages that there are texts in."""
    names = (file.name for file in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def messages(language: str = COMPLETE, folder: Path | None = None) -> Messages:
    """Read the texts of a language, `de` also for `de-AT`; what it lacks is in English.

    `folder` is where a business keeps texts of its own, such as `de.toml`. Raises InvalidValue for a language without texts,
    and for a text of the business that cannot be filled in, naming file and text.
    """
    wanted = language.replace("_", "-").split("-")[0].lower()
    if wanted not in languages():
        close = nearest(wanted, languages())
        hint = f" Did you mean {close!r}?" if close else ""
        raise InvalidValue(
            f"there are no texts in {language!r}.{hint} Known: {', '.join(languages())}", pointer="/language"
        )
    complete = _packaged(COMPLETE)
    own = folder / f"{wanted}.toml" if folder else None
    texts = {**_packaged(wanted), **(_own(own, complete) if own and own.is_file() else {})}
    return Messages(wanted, texts, None if wanted == COMPLETE else messages(COMPLETE, folder))


def places(text: str) -> frozenset[str]:
    """Name the places in a text that are filled in. Raises ValueError for braces that do not match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@cache
def _packaged(language: str) -> Mapping[str, str]:
    return _flattened(tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text("utf-8")))


def _own(file: Path, complete: Mapping[str, str]) -> Mapping[str, str]:
    try:
        texts = _flattened(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{file}: {error}") from error
    for key, text in texts.items():
        _check(f"{file}: {key}", key, text, complete)
    return texts


def _check(where: str, key: str, text: str, complete: Mapping[str, str]) -> None:
    names_its_own = key.split(".")[0] in _OWN_NAMES
    if key not in complete and not names_its_own:
        raise InvalidValue(f"{where}: there is no such text; did you mean {nearest(key, tuple(complete))!r}?")
    known = places(complete[key]) if key in complete else frozenset({"key"})
    try:
        unknown = places(text) - known
    except ValueError as error:
        raise InvalidValue(f"{where}: {error}") from error
    if unknown:
        filled = ", ".join(f"{{{name}}}" for name in sorted(known)) or "nothing"
        raise InvalidValue(f"{where}: {{{min(unknown)}}} is not filled in here, but {filled}")


def _flattened(document: Mapping[str, Any]) -> dict[str, str]:
    return dict(_flat("", document))


def _flat(prefix: str, part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        match value:
            case Mapping():
                yield from _flat(f"{prefix}{name}.", value)
            case list():
                yield from _flat(f"{prefix}{name}.", {str(index): text for index, text in enumerate(value)})
            case _:
                yield f"{prefix}{name}", str(value)
