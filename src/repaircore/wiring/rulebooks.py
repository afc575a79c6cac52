"""Reading rulebooks that are not the business's own file: another file, or one that was handed in as texts."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.rules import Rule, Rulebook
from repaircore.wiring.settings import Settings

_NAME = "rulebook.toml"


def read_rulebook(path: Path, catalogue: Catalogue, *, currency: str) -> Rulebook:
    """Read a rulebook and the sheets beside it. Raises FileProblems, and InvalidValue for another currency than that."""
    from repaircore.adapters.pricing.files import RulebookFiles

    rulebook = RulebookFiles(path.parent, path.name).load(catalogue)
    if rulebook.currency != currency:
        raise InvalidValue(f"{path.name}: currency: {rulebook.currency}, but the business is in {currency}")
    return rulebook


def service_places(settings: Settings, folder: Path) -> Mapping[str, str]:
    """Answer where each service of the shop's files stands: `catalog/services.csv:3`."""
    from repaircore.adapters.catalog.files import CatalogueFiles

    return CatalogueFiles(folder, settings.currency, settings.catalog.folder).service_places()


def read_rule_sheets(
    sheets: Sequence[Path], rulebook: Rulebook, catalogue: Catalogue, tick: Callable[[int], None]
) -> tuple[Rule, ...]:
    """Read sheets of rules for a rulebook, in its words. Raises FileProblems with the faults found."""
    from repaircore.adapters.pricing.files import unique_rules
    from repaircore.adapters.pricing.policies import check_codes
    from repaircore.adapters.pricing.sheets import read_rules
    from repaircore.adapters.pricing.vocabulary import names_of
    from repaircore.adapters.shopfiles.streaming import CappedReport

    report, names = CappedReport(), names_of(catalogue, rulebook.currency, rulebook.vocabulary)
    every = (rule for file in sheets for rule in read_rules(file.parent, file.name, names, report, tick))
    rules = tuple(unique_rules(every, report))
    check_codes(rules, rulebook.promotions, report)
    report.refuse()
    return rules


def read_handed_in(toml: str, sheets: Mapping[str, str], catalogue: Catalogue, *, currency: str) -> Rulebook:
    """Read a rulebook from texts; `sheets` are plain file names. Raises as `read_rulebook` does."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {**sheets, _NAME: toml}.items():
            (root / name).write_text(text, encoding="utf-8")
        return read_rulebook(root / _NAME, catalogue, currency=currency)
