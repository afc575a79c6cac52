"""The commands' group, who gives them, and how a draft is told."""

from datetime import date, datetime, time

from cyclopts import App
from msgspec import to_builtins

from repaircore.application.catalog.drafting import Review
from repaircore.domain.actors import Actor, Role
from repaircore.domain.catalog.supply import CostChange
from repaircore.domain.errors import InvalidValue
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.http.schemas import catalogues
from repaircore.wiring.core import Core

HELP = "Take in, write out, publish and roll back the catalogue, its prices and suppliers' lists."
SHOWN = 50

app = App(name="catalog", help=HELP, help_format="plaintext")

OPERATOR = "command line"


def administrator(name: str) -> Actor:
    """Answer who acts, for the history. Raises InvalidValue for nobody."""
    if not name.strip():
        raise InvalidValue("say who answers for it, or leave it out")
    return Actor(Role.ADMIN, name)


def tell_review(review: Review, *, json: bool) -> None:
    """Say what a draft would change; of many changes the first ones."""
    if json:
        write_json(to_builtins(catalogues.review(review)))
        return
    costs = review.costs
    print(f"Draft {review.draft.id}: {review.draft.reason}")
    rows = [
        [change.kind.value, f"{change.room}/{change.id}", ", ".join(change.fields)]
        for change in review.changes
        if change.room != "parts"
    ]
    rows += [_cost(each) for each in (*costs.changed, *costs.new, *costs.gone)]
    write_table(("what", "entry", "fields"), rows[:SHOWN], empty="Nothing changes.")
    if len(rows) > SHOWN:
        print(f"… and {len(rows) - SHOWN} more; --json has them all.")
    if costs.suspicious:
        print(f"{len(costs.suspicious)} costs look wrong: publish with --jumps-are-meant if they are right.")


def _cost(change: CostChange) -> list[str]:
    odd = " (looks wrong)" if change.is_suspicious else ""
    if change.before is None:
        today = f", {change.today} until now" if change.today is not None else ""
        return ["new part", change.part.key, f"at {change.after}{today}{odd}"]
    if change.after is None:
        return ["gone part", change.part.key, f"was {change.before}"]
    return ["cost", change.part.key, f"{change.before} → {change.after}{odd}"]


def moment(core: Core, text: str) -> datetime | None:
    """Read a date, from whose midnight in the business's zone on, or a time with offset. Raises InvalidValue."""
    if not text:
        return None
    try:
        if len(text) == len("2026-05-01"):
            return datetime.combine(date.fromisoformat(text), time(), core.business.zone)
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise InvalidValue(f"{text!r} is not a date such as 2026-05-01, or a time with offset")
    return read
