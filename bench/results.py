"""What a run has measured so far, and the tables that it makes."""

from collections.abc import Mapping

from attrs import Factory, define

from bench.measuring import Figures, Sample, Samples
from bench.paths import PATHS, Path
from bench.starting import STATEMENTS
from bench.tables import engines_table, figures_table, paths_table, queues_table

OURS, LEAST = "repaircore", "baseline"

# Figure: what it says in the table, the unit, digits.
_TOLD = {
    "start": ("server start to the first 200 on /health", "ms", 0),
    "ready": ("server start to the first 200 on /ready, everything open", "ms", 0),
    "import": (STATEMENTS["import"], "ms", 1),
    "import_modules": (f"{STATEMENTS['import']}: modules", "modules", 0),
    "library": (STATEMENTS["library"], "ms", 1),
    "library_modules": (f"{STATEMENTS['library']}: modules", "modules", 0),
    "memory_at_start": ("resident memory at the start", "MiB", 1),
    "memory": ("resident memory after all load", "MiB", 1),
    "engine": ("pricing engine alone, two lines", "quotes/s", 0),
    "search": ("catalogue search, 10,000 devices, a typing error in each word", "searches/s", 0),
    "receipts": ("with look-up of names and receipt", "quotes/s", 0),
    "stored": ("and stored, on disk", "quotes/s", 0),
    "load": ("rulebook of 12,000 rules for 1,000 models: read, hashed, compiled", "ms", 0),
    "load_read": ("of which read", "ms", 0),
    "quiet_p99": ("p99 of quotes stored, eight customers", "ms", 1),
    "swap_p99": ("while such rulebooks are taken in one after another", "ms", 1),
    "swap_ratio": ("the one over the other", "times", 2),
    "jobs": ("jobs drained that do nothing", "jobs/s", 0),
    "lone_job": ("commit of a lone job to its handler, wall time", "ms", 1),
}
_SIMULATIONS = {
    "simulate": ("simulate over 100,000 stored quotes, 5,000 jobs that recur", "s", 1),
    "simulate_memory": ("growth of its peak memory from 10,000 quotes to 100,000", "MiB", 1),
    "simulate_different": ("simulate over 100,000 stored quotes, every job drawn by lot", "s", 1),
    "simulate_different_memory": ("growth of its peak memory, every job drawn by lot", "MiB", 1),
}


@define
class Results:
    """Everything measured so far, by program."""

    beside: bool = False  # whether the database has processes of its own
    samples: dict[str, dict[str, list[Sample]]] = Factory(lambda: {OURS: {}, LEAST: {}})
    figures: dict[str, dict[str, list[float]]] = Factory(lambda: {OURS: {}, LEAST: {}})
    engines: dict[str, dict[str, list[float]]] = Factory(dict)  # by size and engine, microseconds of a quote
    queues: dict[str, dict[str, list[float]]] = Factory(dict)  # by queue and figure

    def sample(self, program: str, path: Path, sample: Sample) -> None:
        """Keep one run of a path."""
        self.samples[program].setdefault(path.name, []).append(sample)

    def figure(self, program: str, name: str, value: float) -> None:
        """Keep one figure."""
        self.figures[program].setdefault(name, []).append(value)

    def engine(self, size: str, name: str, micros: float) -> None:
        """Keep one measurement of an engine."""
        self.engines.setdefault(size, {}).setdefault(name, []).append(micros)

    def queue(self, name: str, figures: Mapping[str, float]) -> None:
        """Keep one measurement of a queue."""
        for figure, value in figures.items():
            self.queues.setdefault(name, {}).setdefault(figure, []).append(value)

    def tables(self) -> Mapping[str, str]:
        """Write the tables, by the part of the document that they are for; what was not measured has none."""
        queues = [queues_table(self.queues)] if self.queues else []
        run = "postgresql" if self.beside else "last run"
        told = {run: self._last_run(), "engines": self._engines(), "jobs": queues}
        return {name: "\n\n".join(parts) for name, parts in told.items() if parts}

    def _last_run(self) -> list[str]:
        titles = {path.name: path.title for path in PATHS}
        ours, least = (
            {name: Samples(tuple(runs)) for name, runs in self.samples[program].items()} for program in (OURS, LEAST)
        )
        return ([paths_table(titles, ours, least, beside=self.beside)] if ours else []) + self._told(_TOLD)

    def _engines(self) -> list[str]:
        return ([engines_table(self.engines)] if self.engines else []) + self._told(_SIMULATIONS)

    def _told(self, figures: Mapping[str, tuple[str, str, int]]) -> list[str]:
        known = {name: how for name, how in figures.items() if name in self.figures[OURS]}
        told = {title: (*self._pair(name), unit, digits) for name, (title, unit, digits) in known.items()}
        return [figures_table(told)] if told else []

    def plain(self) -> dict[str, object]:
        """Answer everything for a file."""
        runs = {
            program: {name: Samples(tuple(each)).plain() for name, each in paths.items()}
            for program, paths in self.samples.items()
        }
        return {"paths": runs, "figures": self.figures, "engines": self.engines, "queues": self.queues}

    def _pair(self, name: str) -> tuple[Figures, Figures | None]:
        least = self.figures[LEAST].get(name)
        return Figures(tuple(self.figures[OURS][name])), Figures(tuple(least)) if least else None
