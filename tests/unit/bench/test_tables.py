"""The tables of a run."""

import pytest

from bench.document import written
from bench.measuring import Sample
from bench.paths import PATHS
from bench.results import Results
from bench.tables import engines_table

ENGINES = {
    "120": {"ours": [10.0, 20.0, 10.0], "other": [300.0, 400.0, 500.0]},
    "12000": {"ours": [20.0] * 3, "other": [6e3] * 3},
}


def test_engines_beside_each_other() -> None:
    """Medians with least and greatest, and ratios to the first engine as medians of those within each round."""
    *_, ours, other = engines_table(ENGINES).splitlines()

    assert ours == ("| ours | 10.0 (10.0–20.0) | 100,000 | 1.00× | 20.0 (20.0–20.0) | 50,000 | 1.00× | 2.00× |")
    assert other == (
        "| other | 400.0 (300.0–500.0) | 2,500 | 30.00× | 6,000.0 (6,000.0–6,000.0) | 167 | 300.00× | 15.00× |"
    )


def test_the_head_names_the_sizes() -> None:
    """Each size has its columns."""
    head = engines_table(ENGINES).splitlines()[0]

    assert "µs, 120 rules" in head
    assert "µs, 12,000 rules" in head
    assert head.endswith("| 12,000 ÷ 120 |")


def test_only_what_was_measured() -> None:
    """A part of the document for which nothing was measured is left as it is."""
    results = Results()
    results.engine("120", "ours", 10.0)

    assert list(results.tables()) == ["engines"]


def test_each_figure_has_a_row() -> None:
    """Figures of the simulation stand with the engines, each in a row of its own."""
    results = Results()
    for name in ("simulate", "simulate_memory", "simulate_different", "simulate_different_memory", "jobs"):
        results.figure("repaircore", name, 1.0)
    tables = results.tables()

    assert len(tables["engines"].splitlines()) == 2 + 4
    assert len(tables["last run"].splitlines()) == 2 + 1


def test_a_database_with_processes_of_its_own() -> None:
    """Its CPU time stands apart from the program's, in a part of the document of its own."""
    results = Results(beside=True)
    for program, micros in (("repaircore", 40.0), ("baseline", 20.0)):
        sample = Sample(per_second=1, micros=10, with_jobs=10, p50=1, p99=1, foreign=0, database=micros)
        results.sample(program, PATHS[0], sample)
    head, _, row = (line.split(" | ") for line in results.tables()["postgresql"].splitlines())
    place = head.index("PostgreSQL µs")

    assert row[place : place + 2] == ["40 (40–40)", "20"]
    assert len(row) == len(head)


def test_other_parts_of_the_document_stay() -> None:
    """Tables replace those of the same name alone."""
    text = "<!-- a: begin -->\nold\n<!-- a: end -->\n<!-- b: begin -->\nkept\n<!-- b: end -->\n"

    assert written(text, "new", name="a") == text.replace("old\n", "\nnew\n\n")


def test_no_markers() -> None:
    """A document without its markers is refused."""
    with pytest.raises(ValueError, match="'a'"):
        written("nothing", "new", name="a")
