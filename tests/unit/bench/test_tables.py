"""The tables of a run."""

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
