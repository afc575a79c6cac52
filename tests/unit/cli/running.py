"""The command line inside the test's own process."""

import pytest
from attrs import frozen

from repaircore.entrypoints.cli.app import run
from repaircore.entrypoints.cli.refusals import answered


@frozen
class Done:
    """What a command left."""

    code: int
    out: str
    err: str


@frozen
class Shell:
    """Runs commands and captures what they say."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Done:
        """Run one command."""
        code = answered(run, list(words))
        said = self.capture.readouterr()
        return Done(code, said.out, said.err)
