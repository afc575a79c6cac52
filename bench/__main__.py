"""`python -m bench [--rounds N] [--rows NAMES] [--quick] [--docs]`."""

import argparse
import json
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.document import DOCUMENT, written
from bench.paths import PATHS
from bench.processes import cores, pin
from bench.results import Results
from bench.run import FIGURES, LONG, Plan, run

OUT = Path(__file__).parent / "out"
ROWS = (*(path.name for path in PATHS), *FIGURES)


def _plan() -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure repaircore against the least program."
    )
    parser.add_argument("--rounds", type=int, help="how often each row is measured (usually 5)")
    parser.add_argument("--rows", default="", help=f"only these, with commas between: {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="about a minute: two short rounds")
    parser.add_argument("--docs", action="store_true", help=f"write the tables into {DOCUMENT.name}")
    given = parser.parse_args()
    usual = tuple(row for row in ROWS if not (given.quick and row in LONG))
    rows = tuple(given.rows.split(",")) if given.rows else usual
    if unknown := set(rows) - set(ROWS):
        parser.error(f"there is no row {sorted(unknown)[0]!r}; there are: {', '.join(ROWS)}")
    rounds = given.rounds or (2 if given.quick else 5)
    return Plan(rounds=rounds, rows=rows, share=0.2 if given.quick else 1.0), given.docs


def main() -> None:
    """Measure, print, keep."""
    plan, docs = _plan()
    pin(cores()[1])
    with tempfile.TemporaryDirectory(prefix="repaircore-bench-") as folder:
        results = run(plan, Path(folder))
    tables = results.tables()
    print("\n\n".join(tables.values()))
    print(f"\nKept in {_keep(results)}")
    if docs:
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
