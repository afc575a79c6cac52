"""How long each proof takes: short for every run of the suite, long for `make chaos`. Each is a variable of the environment."""

import os
from typing import Final


def _length(name: str, short: int) -> int:
    return int(os.environ.get(f"REPAIRCORE_CHAOS_{name}", short))


SEEDS: Final = _length("SEEDS", 200)
KILLS: Final = _length("KILLS", 25)
JOB_KILLS: Final = _length("JOB_KILLS", 25)
RESTARTS: Final = _length("RESTARTS", 5)
