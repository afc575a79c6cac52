"""A Containerfile, instruction by instruction, and what is wrong with one."""

import json
import re
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from tests.unit.deploy.files import is_pinned, told_secrets

_CONTINUED: Final = re.compile(r"\\\n\s*")


@frozen
class Instruction:
    """One instruction: its word, and the rest of its line."""

    word: str
    rest: str

    @property
    def arguments(self) -> list[str]:
        """The rest without options such as `--from=build`."""
        return [each for each in self.rest.split() if not each.startswith("--")]


@frozen
class Stage:
    """What one FROM begins."""

    base: str
    name: str
    steps: list[Instruction] = field(factory=list)

    def last(self, word: str) -> str:
        """The rest of the last instruction of that kind; empty when there is none."""
        return next((step.rest for step in reversed(self.steps) if step.word == word), "")

    def variables(self) -> Iterator[tuple[str, str]]:
        """Every variable that is set, with its value."""
        for step in self.steps:
            if step.word in ("ENV", "ARG"):
                for setting in step.rest.split():
                    name, _, value = setting.partition("=")
                    yield name, value


def stages(written: str) -> list[Stage]:
    """Read a Containerfile."""
    found: list[Stage] = []
    lines = (line for line in written.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    for line in _CONTINUED.sub(" ", "".join(lines)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        elif word:
            found[-1].steps.append(Instruction(word, rest.strip()))
    return found


def words(exec_form: str) -> list[str]:
    """The words of an instruction that starts a program without a shell. Raises ValueError for one with."""
    read: list[str] = json.loads(exec_form)
    return read


def faults(written: str) -> set[str]:
    """Name every promise of the image that a Containerfile breaks."""
    read = stages(written)
    final = read[-1]
    found = {
        "it has no healthcheck": not final.last("HEALTHCHECK"),
        "it runs as root": final.last("USER").partition(":")[0] in ("", "0", "root"),
        "a shell would keep SIGTERM": not all(_is_exec(final.last(word)) for word in ("ENTRYPOINT", "CMD")),
        "it is not told to stop by SIGTERM": final.last("STOPSIGNAL") != "SIGTERM",
        "the program is not root's": any(step.word == "COPY" and "--chown" in step.rest for step in final.steps),
        "a base is not pinned": not all(is_pinned(stage.base) for stage in read),
        "a secret is in it": any(told_secrets(stage.variables()) for stage in read),
        "something is installed without a lock": any(_unlocked(step) for stage in read for step in stage.steps),
        "it is built where it runs": any(step.word == "RUN" and "pip" in step.rest for step in final.steps),
        "it takes in more than it names": any(_takes_all(step) for stage in read for step in stage.steps),
    }
    return {fault for fault, is_there in found.items() if is_there}


def _is_exec(rest: str) -> bool:
    try:
        return bool(words(rest))
    except ValueError:
        return False


def _unlocked(step: Instruction) -> bool:
    installs = [part for part in step.rest.split("&&") if " install " in part and "pip" in part]
    return step.word == "RUN" and any("--require-hashes" not in part and "--no-index" not in part for part in installs)


def _takes_all(step: Instruction) -> bool:
    return step.word == "ADD" or (step.word == "COPY" and "." in step.arguments[:-1])
