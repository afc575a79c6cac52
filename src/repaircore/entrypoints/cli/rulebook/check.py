"""`repaircore rulebook check`."""

from pathlib import Path
from typing import Any

from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.checks import refuse
from repaircore.domain.pricing.problems import Problem, Severity
from repaircore.domain.pricing.review.inspection import inspect
from repaircore.domain.pricing.rules import Rulebook
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import counting, write_json
from repaircore.entrypoints.cli.refusals import CannotBeDone, faults
from repaircore.entrypoints.cli.rulebook.commands import app
from repaircore.wiring.opening import read_offer
from repaircore.wiring.rulebooks import read_rulebook, service_places
from repaircore.wiring.settings import load_settings


@app.command(name="check")
def check_(file: Path | None = None, /, *, place: Place = HERE, json: Json = False) -> None:
    """Find every fault and whatever is worth a look: ties, overlaps, gaps, rules that never apply, steps the wrong way.

    Warnings alone pass.

    Parameters
    ----------
    file
        The rulebook; without one, the business's own.
    """
    try:
        rulebook, problems = _checked(place, file)
    except DomainError as error:
        told = faults(error)
        _tell([{"severity": "error", "code": error.code, "message": line} for line in told], json=json)
        if len(told) == 1:
            raise
        raise CannotBeDone(f"the rulebook cannot be used: {len(told)} faults, listed above") from error
    _tell([_plain(problem) for problem in problems], json=json)
    refuse(problems)
    if not json:
        warnings = sum(problem.severity is Severity.WARNING for problem in problems)
        print(f"Rulebook {rulebook.version}: {len(rulebook.rules)} rules, no errors, {warnings} warnings.")


def _checked(place: Place, file: Path | None) -> tuple[Rulebook, tuple[Problem, ...]]:
    settings = load_settings(place.business_file)
    offer = read_offer(settings, place.business_file.parent)
    rulebook = read_rulebook(file, offer.catalogue, currency=settings.currency) if file else offer.rulebook
    with counting(f"Looking into {len(rulebook.rules)} rules") as advance:
        return rulebook, inspect(
            rulebook, offer.catalogue, advance, service_places(settings, place.business_file.parent)
        )


def _plain(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
        "rules": list(problem.rules),
        "places": list(problem.places),
    }


def _tell(problems: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        ok = all(problem["severity"] != "error" for problem in problems)
        write_json({"ok": ok, "problems": problems})
    else:
        for problem in problems:
            print(f"{problem['severity']}: {problem['message']}")
