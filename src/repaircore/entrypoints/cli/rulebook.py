"""`repaircore rulebook …`."""

from cyclopts import App

from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.checks import Severity, check, refuse
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import progress, write_json
from repaircore.entrypoints.cli.refusals import faults
from repaircore.wiring.opening import read_offer
from repaircore.wiring.settings import load_settings

app = App(name="rulebook", help="Check the rulebook.", help_format="plaintext")


@app.command(name="check")
def check_(*, place: Place = HERE, json: Json = False) -> None:
    """Find every fault: ties, overlaps, prices that cannot be, names that nothing has. Warnings alone pass."""
    try:
        with progress("Reading", phases=2) as phase:
            phase("Reading the business's files")
            offer = read_offer(load_settings(place.business_file), place.business_file.parent)
            phase(f"Holding {len(offer.rulebook.rules)} rules against each other")
            problems = check(offer.rulebook, offer.catalogue)
    except DomainError as error:
        _tell([("error", line) for line in faults(error)], json=json)
        raise
    _tell([(problem.severity.value, problem.message) for problem in problems], json=json)
    refuse(problems)
    if not json:
        warnings = sum(problem.severity is Severity.WARNING for problem in problems)
        print(f"Rulebook {offer.rulebook.version}: {len(offer.rulebook.rules)} rules, no errors, {warnings} warnings.")


def _tell(problems: list[tuple[str, str]], *, json: bool) -> None:
    if json:
        ok = all(severity != "error" for severity, _ in problems)
        write_json({"ok": ok, "problems": [{"severity": each, "message": text} for each, text in problems]})
    else:
        for severity, text in problems:
            print(f"{severity}: {text}")
