"""What it costs to import the package, in a fresh interpreter."""

import json
import subprocess
import sys
from collections.abc import Mapping

from bench.processes import pin

# Provider SDKs, web frameworks and database drivers: none of them may be loaded before it is asked for.
UNWANTED = (
    "aiohttp",
    "sqlalchemy",
    "sqlite3",
    "stripe",
    "paypalrestsdk",
    "twilio",
    "hubspot",
    "aiosmtplib",
    "jinja2",
    "mrml",
)

_PROGRAM = """
import json, sys, time
before, started = set(sys.modules), time.perf_counter()
{statement}
seconds = time.perf_counter() - started
print(json.dumps({{"ms": seconds * 1000, "modules": len(set(sys.modules) - before), "loaded": sorted(sys.modules)}}))
"""
STATEMENTS: Mapping[str, str] = {
    "import": "import repaircore",
    "library": "from repaircore import open_core, Core, Money",
}


class TooMuchLoaded(Exception):
    """Importing the package loads what it must not."""


def imported(name: str, *, core: int) -> tuple[float, int]:
    """Answer milliseconds and the number of modules. Raises TooMuchLoaded."""
    program = _PROGRAM.format(statement=STATEMENTS[name])
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, preexec_fn=lambda: pin(core), text=True
    )
    told = json.loads(ran.stdout)
    unwanted = [module for module in UNWANTED if module in told["loaded"]]
    if unwanted:
        raise TooMuchLoaded(f"{STATEMENTS[name]} loads {', '.join(unwanted)}")
    return told["ms"], told["modules"]
