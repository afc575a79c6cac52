"""The files of deploy/, read; and what a secret and an image are called in any of them."""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import yaml

REPOSITORY: Final = Path(__file__).parents[3]
DEPLOY: Final = REPOSITORY / "deploy"
IMAGE: Final = f"repaircore:{version('repaircore')}"

DRAIN: Final = 30
"""Seconds for which a server that was told to stop waits for the requests under way."""

Document = Mapping[str, Any]

_SECRET: Final = re.compile(r"SECRET|PASSWORD|TOKEN|KEY")
_PINNED: Final = re.compile(r"(?:[a-z0-9-]+/)?[a-z0-9-]+:(?!latest$)[\w.-]+")
_WITH_PASSWORD: Final = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def text(name: str) -> str:
    """Read a file of deploy/."""
    return (DEPLOY / name).read_text(encoding="utf-8")


def documents(written: str) -> list[Document]:
    """Read YAML; a file may hold several documents."""
    return [document for document in yaml.safe_load_all(written) if document]


def told_secrets(variables: Iterable[tuple[str, str]]) -> set[str]:
    """Name the variables that hold a secret, instead of the file it is in."""
    return {
        name
        for name, value in variables
        if (_SECRET.search(name) and not name.endswith("_FILE")) or _WITH_PASSWORD.search(value)
    }


def is_pinned(image: str) -> bool:
    """Whether an image has a bare name and a tag that stays what it is."""
    return _PINNED.fullmatch(image) is not None


def changed(written: str, old: str, new: str) -> str:
    """Break a file in one place, which must be there."""
    assert old in written, f"{old!r} is not there to be changed"
    return written.replace(old, new, 1)
