"""Where the catalogue and the rulebook come from: the shop's own files, or anything else that can hand over the values."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.rules import Rulebook


@frozen(order=True)
class Finding:
    """One fault in what a source holds: which file, which line (0 is the file as a whole), which field, and what to do."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """Write it as one line, the way compilers do: `catalog/devices.csv:14: year: '20x4' is not a year`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class FileProblems(DomainError):
    """The shop's files cannot be used as they are. All faults at once in `findings`, each once; the text has one
    line for each."""

    code = "invalid_files"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


class CatalogueSource(Protocol):
    """Hands over the whole catalogue, or nothing."""

    def load(self) -> Catalogue:
        """Read everything. Raises FileProblems with every fault found; nothing is half-loaded."""
        ...


class RulebookSource(Protocol):
    """Hands over one version of the rulebook, or nothing."""

    def load(self, catalogue: Catalogue) -> Rulebook:
        """Read everything; names of devices, services, categories and brands must be the catalogue's. Raises FileProblems
        with every fault found; nothing is half-loaded. Whether the rules agree with each other is `checks`' to say."""
        ...
