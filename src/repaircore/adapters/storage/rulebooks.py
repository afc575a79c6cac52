"""Stored rulebooks read back a few rules at a time: they may be long, and others wait meanwhile."""

import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from repaircore.domain.pieces import Pieces
from repaircore.domain.pricing.record import rule_from_plain, rulebook_from_plain
from repaircore.domain.pricing.rules import Rule, Rulebook

_RULES_IN_A_PIECE: Final = 16
_PLACES_IN_A_PIECE: Final = 64

_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RULES: Final = msgspec.json.Decoder(list[msgspec.Raw])
_SOME_RULES: Final = msgspec.json.Decoder(list[dict[str, Any]])

# Where a rule was read from, the one thing in a stored rulebook that is not its content. Inside a text each quotation mark has
# a backslash before it, so only a name can stand between `,"` and `":`.
_PLACE: Final = re.compile(r',"place":"[^"\\]*(?:\\.[^"\\]*)*"')


def reading(stored: str) -> Pieces[Rulebook]:
    """Read what `rulebook_to_json` wrote, as `rulebook_from_json` does."""
    parts = _PARTS.decode(stored)
    written = _RULES.decode(parts.pop("rules"))
    yield
    rules: list[Rule] = []
    for start in range(0, len(written), _RULES_IN_A_PIECE):
        piece = b",".join(written[start : start + _RULES_IN_A_PIECE])
        rules += map(rule_from_plain, _SOME_RULES.decode(b"[" + piece + b"]"))
        yield
    return rulebook_from_plain({name: msgspec.json.decode(part) for name, part in parts.items()}, tuple(rules))


def hashing(stored: str) -> Pieces[str]:
    """Answer the hash of what `rulebook_to_json` wrote, as `content_hash` of the rulebook does: it is canonical already."""
    content, end = sha256(), 0
    for number, place in enumerate(_PLACE.finditer(stored)):
        content.update(_encoded(stored[end : place.start()]))
        end = place.end()
        if number % _PLACES_IN_A_PIECE == 0:
            yield
    content.update(_encoded(stored[end:]))
    return content.hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
