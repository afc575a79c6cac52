"""`python -m bench [--rounds N] [--rows NAMES] [--quick] [--docs] [--database postgresql [--url URL]]`."""

import argparse
import json
import platform
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import POSTGRESQL, SQLITE, server
from bench.document import DOCUMENT, written
from bench.paths import PATHS
from bench.processes import cores, pin
from bench.results import Results
from bench.run import FIGURES, LONG, ON_POSTGRESQL, Plan, run

OUT = Path(__file__).parent / "out"
ROWS = (*(path.name for path in PATHS), *FIGURES)


def _plan() -> tuple[Plan, argparse.Namespace]:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure repaircore against the least program."
    )
    parser.add_argument("--rounds", type=int, help="how often each row is measured (usually 5)")
    parser.add_argument("--rows", default="", help=f"only these, with commas between: {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="about a minute: two short rounds")
    parser.add_argument("--docs", action="store_true", help=f"write the tables into {DOCUMENT.name}")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    parser.add_argument("--url", default="", help="a PostgreSQL on this machine (usually one of its own is started)")
    given = parser.parse_args()
    known = ROWS if given.database == SQLITE else (*(path.name for path in PATHS), *ON_POSTGRESQL)
    usual = tuple(row for row in known if not (given.quick and row in LONG))
    rows = tuple(given.rows.split(",")) if given.rows else usual
    if unknown := set(rows) - set(known):
        parser.error(f"there is no row {sorted(unknown)[0]!r}; there are: {', '.join(known)}")
    rounds = given.rounds or (2 if given.quick else 5)
    return Plan(rounds=rounds, rows=rows, share=0.2 if given.quick else 1.0), given


def main() -> None:
    """Measure, print, keep."""
    plan, given = _plan()
    pin(cores()[1])
    postgresql = server(given.url) if given.database == POSTGRESQL else nullcontext()
    with tempfile.TemporaryDirectory(prefix="repaircore-bench-") as folder, postgresql as url:
        results = run(plan, Path(folder), url)
    tables = results.tables()
    print("\n\n".join(tables.values()))
    print(f"\nKept in {_keep(results)}")
    if given.docs:
        text = DOCUMENT.read_text(encoding="utf-8")
        for name, told in tables.items():
            text = written(text, told, name=name)
        DOCUMENT.write_text(text, encoding="utf-8")


def _keep(results: Results) -> Path:
    now = datetime.now(UTC)
    OUT.mkdir(exist_ok=True)
    path = OUT / f"{now:%Y%m%dT%H%M%SZ}.json"
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": len(set(cores()))}
    path.write_text(json.dumps({"at": now.isoformat(), "machine": machine, **results.plain()}, indent=1))
    return path


if __name__ == "__main__":
    main()
