"""Conditional requests: entity tags on resources, `If-Match` on changes, `If-None-Match` on reads."""

import re
from typing import Protocol

from attrs import frozen

from repaircore.domain.errors import VersionChanged

_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"[0-9]{1,18}")


class Tagged(Protocol):
    """A resource that has an entity tag."""

    def tag(self) -> str: ...


def etag(version: int, note: str = "") -> str:
    """Write a strong tag: the version, and whatever else changes what is shown."""
    return f'"{version}.{note}"' if note else f'"{version}"'


def is_fresh(if_none_match: str, tag: str) -> bool:
    """Whether the client's copy is the current one; compared weakly, as RFC 9110 asks for If-None-Match."""
    if if_none_match.strip() == "*":
        return True
    return tag.strip('"') in {opaque for _, opaque in _TAG.findall(if_none_match)}


@frozen
class IfMatch:
    """Which versions the client decided on; None means any, because it did not say or said `*`."""

    versions: frozenset[int] | None = None

    @classmethod
    def read(cls, header: str | None) -> "IfMatch":
        """Read the header. Weak and foreign tags match nothing, as RFC 9110 asks for If-Match."""
        if header is None or header.strip() == "*":
            return cls()
        strong = (opaque for weak, opaque in _TAG.findall(header) if not weak)
        found = (_VERSION.match(opaque) for opaque in strong)
        return cls(frozenset(int(match.group()) for match in found if match))

    def expected(self, stored: int) -> int | None:
        """Answer the version to guard the change with. Raises VersionChanged when the stored one is not among those named."""
        if self.versions is None:
            return None
        if stored not in self.versions:
            raise VersionChanged(expected=max(self.versions, default=0), stored=stored)
        return stored
