"""Tables in Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from bench.measuring import Figures, Samples

Row = Sequence[str]


def table(head: Row, rows: Iterable[Row]) -> str:
    """Write one table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def paths_table(
    names: Mapping[str, str], ours: Mapping[str, Samples], least: Mapping[str, Samples], *, beside: bool = False
) -> str:
    """Ours against the baseline, path by path; `beside`, when the database has processes of its own."""
    head = [
        "path",
        "CPU µs",
        "baseline",
        "ratio",
        "with its jobs",
        *(("PostgreSQL µs", "baseline") if beside else ()),
        "requests/s",
        "baseline",
        "p50 ms",
        "p99 ms",
        "others' cores",
    ]
    return table(head, [_path(names[name], ours[name], least[name], beside) for name in ours])


def _path(title: str, ours: Samples, least: Samples, beside: bool) -> Row:
    micros, other = ours.of("micros"), least.of("micros")
    database = (ours.of("database").told(), f"{least.of('database').median:,.0f}") if beside else ()
    return [
        title,
        micros.told(),
        other.told(),
        f"{micros.over(other):.2f}",
        f"{ours.of('with_jobs').median:,.0f}",
        *database,
        ours.of("per_second").told(),
        f"{least.of('per_second').median:,.0f}",
        f"{ours.of('p50').median:.1f}",
        f"{ours.of('p99').median:.1f}",
        f"{ours.of('foreign').median:.2f}",
    ]


def figures_table(figures: Mapping[str, tuple[Figures, Figures | None, str, int]]) -> str:
    """Single figures: the measure, ours, the baseline's where there is one, the unit."""
    rows = []
    for title, (ours, least, unit, digits) in figures.items():
        ratio = f"{ours.over(least):.2f}" if least else ""
        rows.append([title, ours.told(digits), least.told(digits) if least else "", ratio, unit])
    return table(["measure", "repaircore", "baseline", "ratio", "unit"], rows)


def engines_table(engines: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Engines beside each other: by size and engine the microseconds of a quote, the first engine being ours; then how many
    times as long the largest size takes as the smallest."""
    figures = {size: {name: Figures(tuple(micros)) for name, micros in each.items()} for size, each in engines.items()}
    first, last = min(figures, key=int), max(figures, key=int)
    ours = next(iter(figures[first]))
    head = ["engine"]
    for size in figures:
        head += [f"µs, {int(size):,} rules", "quotes/s", "× ours"]
    rows = []
    for name in figures[first]:
        row = [name]
        for each in figures.values():
            micros = each[name]
            row += [micros.told(1), f"{1e6 / micros.median:,.0f}", f"{micros.over(each[ours]):,.2f}×"]
        rows.append([*row, f"{figures[last][name].over(figures[first][name]):.2f}×"])
    return table([*head, f"{int(last):,} ÷ {int(first):,}"], rows)


def queues_table(queues: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Queues beside each other."""
    head = ["queue", "jobs/s, wall time", "our CPU µs", "with the server's", "jobs/s of CPU time", "lone job, ms"]
    rows = []
    for name, figures in queues.items():
        drained, micros, together, lone = (
            Figures(tuple(figures[each])) for each in ("drained", "micros", "together", "lone")
        )
        rows.append(
            [name, drained.told(), micros.told(1), together.told(1), f"{1e6 / together.median:,.0f}", lone.told(1)]
        )
    return table(head, rows)
