"""Everything that is worth a look before a rulebook is published: its faults, what it leaves out, what in it does nothing, and
steps that go the wrong way. Found exhaustively; the faults alone (`checks`) keep it from being used."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.checks import check
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.problems import Problem, Severity
from repaircore.domain.pricing.review.boxes import Universe
from repaircore.domain.pricing.review.coverage import Coverage
from repaircore.domain.pricing.review.pairs import Pairs
from repaircore.domain.pricing.review.steps import Steps
from repaircore.domain.pricing.rules import Rulebook

Progress = Callable[[int, int], None]


def inspect(
    rulebook: Rulebook,
    catalogue: Catalogue,
    progress: Progress = lambda done, of: None,
    places: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Problem, ...]:
    """Find everything: errors first, then warnings. A rulebook with errors is not looked into any further.

    `progress` is told how many devices of how many were looked at. `places` are where services stand, by id, if
    they stand in files.
    """
    problems = check(rulebook, catalogue, places)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return problems
    universe = Universe.of(rulebook)
    most = max((service.max_quantity for service in catalogue.services.values()), default=1)
    coverage, steps = Coverage(rulebook, universe, places), Steps(compile_rulebook(rulebook), universe, most)
    pairs, count = Pairs.of(rulebook, catalogue), len(catalogue.devices)
    for done, device in enumerate(catalogue.devices.values()):
        progress(done, count)
        for pair in pairs.of_device(device):
            if coverage.look_at(pair):
                steps.look_at(pair)
    progress(count, count)
    return (*problems, *coverage.problems(problems), *steps.problems())
