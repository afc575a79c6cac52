"""The public list of naughty strings: not a part of this project, read from a folder of samples where there is one."""

import json
import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "samples"
LIST = Path(os.environ.get("REPAIRCORE_SAMPLES") or _BESIDE) / "blns" / "blns.json"

needs_public_list = pytest.mark.skipif(
    not LIST.exists(), reason="the public list of naughty strings is not here: REPAIRCORE_SAMPLES names its folder"
)


def public_strings() -> list[str]:
    """Read the list."""
    strings: list[str] = json.loads(LIST.read_text(encoding="utf-8"))
    return strings
