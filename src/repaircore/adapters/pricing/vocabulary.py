"""The names a rulebook may use: what is in the catalogue, and the words of its own vocabulary."""

from collections.abc import Callable, Collection, Mapping

from attrs import frozen

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.rules import LINE_KINDS, USUAL_WORDS

# The field of a rule's `when`, and the scope field that it fills. Singular in the file, as an owner would say it.
WORD_FIELDS = {
    "customer_type": "customer_types",
    "urgency": "urgencies",
    "fulfilment": "fulfilments",
    "channel": "channels",
    "condition": "conditions",
    "complexity": "complexities",
    "tier": "tiers",
    "tax_status": "tax_statuses",
    "place": "places",
    "grade": "grades",
    "warranty": "warranties",
}
NONE: tuple[str, ...] = ()
NO_WORDS: frozenset[str] = frozenset()


@frozen
class Names:
    """Everything that a rule or a price may name, and the currency of its amounts."""

    currency: str
    devices: Collection[str]
    services: Collection[str]
    categories: Collection[str]
    brands: Collection[str]
    words: Mapping[str, Collection[str]]

    def reader(self, field: str) -> Callable[[object], str]:
        """Answer how a name in that field is read; words without a declared vocabulary are free."""
        known: Mapping[str, Collection[str]] = {
            "device": self.devices,
            "service": self.services,
            "category": self.categories,
            "brand": self.brands,
            "line_kind": LINE_KINDS,
            **self.words,
        }
        return values.one_of(field.replace("_", " "), known.get(field, ()))


def names_of(catalogue: Catalogue, currency: str, words: Mapping[str, frozenset[str]]) -> Names:
    """Gather the names of the catalogue and the words declared or usual."""
    return Names(
        currency=currency,
        devices=catalogue.devices,
        services=catalogue.services,
        categories=catalogue.categories,
        brands=catalogue.brands(),
        words={field: words.get(plural, USUAL_WORDS.get(plural, NO_WORDS)) for field, plural in WORD_FIELDS.items()},
    )


def read_vocabulary(table: Record) -> dict[str, frozenset[str]]:
    """Read `[vocabulary]`: for each dimension (urgencies, conditions, …) the words a request may use."""
    table.allow_only(WORD_FIELDS.values())
    read = values.several(values.text)
    return {plural: frozenset(table.read(plural, read, NONE)) for plural in WORD_FIELDS.values() if table.has(plural)}
