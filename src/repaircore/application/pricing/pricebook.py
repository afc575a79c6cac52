"""What is for sale at what price: the catalogue, and every published rulebook in its compiled form."""

from collections.abc import Sequence
from datetime import datetime

from attrs import define, field

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.rules import Rulebook, effective


@define
class PriceBook:
    """An in-memory view of immutable values: published rulebooks never change, so what is compiled once stays right."""

    catalogue: Catalogue
    _published: dict[str, Rulebook] = field(factory=dict, init=False)
    _compiled: dict[str, CompiledRulebook] = field(factory=dict, init=False)

    def publish(self, rulebooks: Sequence[Rulebook]) -> None:
        """Take in published rulebooks."""
        self._published.update((rulebook.version, rulebook) for rulebook in rulebooks)

    def current(self, at: datetime) -> CompiledRulebook:
        """The rulebook in force at that moment. Raises NotFound when none is."""
        return self._compile(effective(tuple(self._published.values()), at))

    def version(self, version: str) -> CompiledRulebook:
        """The published rulebook of that version. Raises NotFound."""
        rulebook = self._published.get(version)
        if rulebook is None:
            raise NotFound("rulebook version", version, tuple(self._published))
        return self._compile(rulebook)

    def _compile(self, rulebook: Rulebook) -> CompiledRulebook:
        compiled = self._compiled.get(rulebook.version)
        if compiled is None:
            compiled = self._compiled[rulebook.version] = compile_rulebook(rulebook)
        return compiled
