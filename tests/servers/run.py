"""One run of the suite: its workers share the servers that they need, and whoever needs one first has it started."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.servers.locks import locked
from tests.servers.process import CannotStart

ELSEWHERE: Final = {"postgres": "REPAIRCORE_TEST_POSTGRES_URL", "valkey": "REPAIRCORE_TEST_REDIS_URL"}
"""Where the environment names a server that runs already."""

_ROOT: Final = Path(__file__).parents[2]
_keepers: list[subprocess.Popen[str]] = []  # held until the interpreter ends: they outlive the worker that started them


@frozen
class Run:
    """What the processes of a run have in common: a folder."""

    folder: Path

    @property
    def template(self) -> Path:
        """The file that is there once the migrated database was made."""
        return self.folder / "template"

    def server(self, kind: str) -> str:
        """Answer the URL of the shared server, started if nobody did yet. Raises CannotStart, every time anew."""
        given = os.environ.get(ELSEWHERE[kind])
        if given:
            return given
        known, said = self.folder / f"{kind}.url", self.folder / f"{kind}.said"
        with locked(self.folder / f"{kind}.lock"):
            if not known.exists():
                known.write_text(self._start(kind, said))
        url = known.read_text()
        if not url:
            raise CannotStart(f"{kind} cannot be started for the tests, which need it:\n{said.read_text()}")
        return url

    def _start(self, kind: str, said: Path) -> str:
        with said.open("w") as errors:
            keeper = subprocess.Popen(
                (sys.executable, "-m", "tests.servers.keeper", kind, str(self.folder)),
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        _keepers.append(keeper)
        assert keeper.stdout is not None
        with keeper.stdout:
            return keeper.stdout.readline().strip()


@contextmanager
def new_run() -> Iterator[Run]:
    """Begin a run; at its end every shared server is stopped before this comes back."""
    folder = Path(tempfile.mkdtemp(prefix="repaircore-tests-"))
    try:
        with locked(folder / "alive"):
            yield Run(folder)
        for kind in ELSEWHERE:
            with locked(folder / f"{kind}.kept"):
                """Its keeper has ended, or there was none."""
    finally:
        shutil.rmtree(folder)
