"""Golden sets: quotes as an engine gave them out, kept for ever beside the rulebooks they were made by.

A set is a folder `engine-<version>` with, for each business, `<business>.rulebook.json` (the stored form) and
`<business>.quotes.jsonl` (a quote per line). MANIFEST.sha256 lists every file, in the format of `sha256sum -c`.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import frozen

from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.receipt import rulebook_from_json
from repaircore.domain.pricing.record import encoded, facts_from_json
from repaircore.domain.pricing.rules import Rulebook

HERE = Path(__file__).parent
MANIFEST = HERE / "MANIFEST.sha256"


@frozen(kw_only=True)
class GoldenQuote:
    """One quote as it was stored: `facts` and `priced` are the stored texts."""

    name: str
    engine_version: str
    rulebook_version: str
    facts: str
    priced: str
    receipt_hash: str

    @property
    def asked(self) -> Facts:
        """The inputs, read back."""
        return facts_from_json(self.facts)

    def line(self) -> str:
        """Write the quote's line, with facts and result readable in place."""
        parts = {"facts": json.loads(self.facts), "priced": json.loads(self.priced)}
        return encoded(
            {
                "name": self.name,
                "engine_version": self.engine_version,
                "rulebook_version": self.rulebook_version,
                "receipt_hash": self.receipt_hash,
                **parts,
            }
        )

    @classmethod
    def of(cls, line: str) -> "GoldenQuote":
        """Read what `line` wrote."""
        plain: dict[str, Any] = json.loads(line)
        return cls(**{**plain, "facts": encoded(plain["facts"]), "priced": encoded(plain["priced"])})


@frozen(kw_only=True)
class GoldenSet:
    """One business's quotes of one engine, and the rulebook they were made by, as stored."""

    engine: str
    business: str
    rulebook_text: str
    quotes: tuple[GoldenQuote, ...]

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook, read back."""
        return rulebook_from_json(self.rulebook_text)

    def __str__(self) -> str:
        return f"engine {self.engine}, {self.business}"


def all_sets() -> tuple[GoldenSet, ...]:
    """Read every set in the repository, oldest engine first."""
    return tuple(_sets())


def _sets() -> Iterator[GoldenSet]:
    for file in sorted(HERE.glob("engine-*/*.quotes.jsonl")):
        business = file.name.removesuffix(".quotes.jsonl")
        yield GoldenSet(
            engine=file.parent.name.removeprefix("engine-"),
            business=business,
            rulebook_text=file.with_name(f"{business}.rulebook.json").read_text("utf-8").rstrip("\n"),
            quotes=tuple(GoldenQuote.of(line) for line in file.read_text("utf-8").splitlines()),
        )


def manifest() -> str:
    """Answer what the manifest must say of the files as they are."""
    files = sorted(file for file in HERE.glob("engine-*/*") if file.is_file())
    return "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.relative_to(HERE).as_posix()}\n" for file in files)
