"""The services of deploy/compose.yaml: what each runs, and with which variables."""

import os
import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from tests.unit.deploy.files import documents, text

_GIVEN: Final = re.compile(r"\$\{(\w+):-([^}]*)\}")


@frozen
class Service:
    """One of ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    copies: int


def services() -> dict[str, Service]:
    """Read those that run our image, by name."""
    (document,) = documents(_GIVEN.sub(_given, text("compose.yaml")))
    return {
        name: Service(
            name, tuple(each["command"]), each["environment"], copies=each.get("deploy", {}).get("replicas", 1)
        )
        for name, each in document["services"].items()
        if each["image"].startswith("repaircore:")
    }


def _given(match: "re.Match[str]") -> str:
    return os.environ.get(match[1], match[2])
