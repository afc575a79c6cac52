"""The core in two hundred worlds of chance, and broken variants of it that do not survive them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.lengths import SEEDS
from tests.chaos.simulate import first_caught, simulate
from tests.chaos.simulation.variants import BROKEN, HONEST

_PARTS = 8
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_world_comes_to_rest(part: int) -> None:
    """Whatever was lost, late, doubled or killed: the laws hold in the end. A world is replayed by its number."""
    caught = first_caught(HONEST, range(part, SEEDS, _PARTS))

    assert caught is None, f"python -m tests.chaos.simulate --seed {caught.seed}: {caught.broken}"


@pytest.mark.parametrize("variant", BROKEN)
def test_a_broken_variant_is_found_out(variant: str) -> None:
    """A simulation that lets these pass proves nothing."""
    assert first_caught(BROKEN[variant], range(200)) is not None


def test_a_world_is_replayed_by_its_number() -> None:
    """The same number is the same world, in another process and with other hashes as well."""
    known = simulate(7)
    command = (sys.executable, "-m", "tests.chaos.simulate", "--seed", "7")
    environment = {**os.environ, "PYTHONHASHSEED": "1234"}

    said = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True)

    assert known.fingerprint in said.stdout
    assert simulate(7) == known
    assert simulate(8).fingerprint != known.fingerprint


def test_the_weather_is_bad() -> None:
    """Every kind of trouble strikes in the first few worlds."""
    struck = {fault for seed in range(10) for fault in simulate(seed).faults}

    assert struck == {
        *("database away", "commit lost before", "commit lost after", "commit conflict", "queue away", "queue unheard"),
        *("provider away", "provider acted unheard", "provider never asked", "mail away", "mail unheard"),
        *("request lost", "request twice", "answer lost", "webhook lost", "webhook twice"),
    }
