"""Whatever goes wrong is told in one line."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.errors import DomainError
from repaircore.entrypoints.cli.refusals import answered, one_line
from repaircore.ports.catalog import FileProblems, Finding
from repaircore.ports.errors import Unavailable

findings = st.lists(
    st.builds(
        Finding,
        file=st.sampled_from(["devices.csv", "rulebook.toml"]),
        line=st.integers(0, 99),
        field=st.sampled_from(["", "year"]),
        message=st.sampled_from(["is not a year", "there is no such file"]),
    ),
    min_size=1,
    max_size=5,
)


def is_one_line(told: str, faults: list[Finding]) -> bool:
    """The law: one line, and the first fault is in it."""
    return len(told.splitlines()) == 1 and str(min(faults)) in told


@given(findings)
def test_one_line_for_any_faults(faults: list[Finding]) -> None:
    """However many faults there are, the line tells the first, and how many more."""
    assert is_one_line(one_line(FileProblems(faults)), faults)


def test_a_breach_is_noticed() -> None:
    """Printing the error as it is breaks the law."""
    faults = [Finding("devices.csv", 1, "year", "is not a year"), Finding("devices.csv", 2, "year", "is not a year")]

    assert not is_one_line(str(FileProblems(faults)), faults)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DomainError("first\nsecond"), "first (and one more fault: `repaircore check-config` lists them all)"),
        (DomainError(), "DomainError"),
        (Unavailable("the database is busy"), "the database is busy"),
        (PermissionError(13, "Permission denied", "var"), "var: Permission denied"),
        (OSError("odd"), "the system: odd"),
    ],
)
def test_what_is_told(error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and why."""
    assert answered(_raising(error), []) == 1
    assert capsys.readouterr().err == f"repaircore: {line}\n"


def test_a_mistake_of_ours_is_not_hidden() -> None:
    """What nobody foresaw is not dressed up as a refusal."""
    with pytest.raises(ZeroDivisionError):
        answered(_raising(ZeroDivisionError()), [])


def _raising(error: Exception) -> Callable[[list[str]], object]:
    def command(arguments: list[str]) -> object:
        raise error

    return command
