"""What is wrong with a rulebook, in words that name the rules and where they stand."""

from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.rules import Rule


class Severity(StrEnum):
    """An error keeps a rulebook from being used; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@frozen(kw_only=True)
class Problem:
    """One fault. `code` is stable; `rules` are the ids it names, and `message` says where they stand, as `places` does: each
    `file:line`, of rules and of what else stands in a file."""

    severity: Severity
    code: str
    message: str
    rules: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.severity}: {self.message}"


class RulebookInvalid(DomainError):
    """The rulebook has errors; the text lists all of them. `problems` are the errors alone."""

    code = "rulebook_invalid"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = "one error" if len(problems) == 1 else f"{len(problems)} errors"
        super().__init__("\n".join((f"the rulebook has {count}:", *(f"- {problem.message}" for problem in problems))))


def error(code: str, message: str, *rules: Rule) -> Problem:
    """An error about these rules; its message starts with their names and places."""
    return _problem(Severity.ERROR, code, message, rules)


def warning(code: str, message: str, *rules: Rule) -> Problem:
    """A warning about these rules; its message starts with their names and places."""
    return _problem(Severity.WARNING, code, message, rules)


def _problem(severity: Severity, code: str, message: str, rules: tuple[Rule, ...]) -> Problem:
    subject = f"rule{'s' if len(rules) > 1 else ''} {' and '.join(map(named, rules))}: " if rules else ""
    return Problem(
        severity=severity,
        code=code,
        message=subject + message,
        rules=tuple(rule.id for rule in rules),
        places=places_of(rules),
    )


def places_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Answer where those rules stand that stand in a file."""
    return tuple(dict.fromkeys(rule.place for rule in rules if rule.place))


def named(rule: Rule) -> str:
    """Name a rule with its place."""
    return placed(repr(rule.id), rule.place)


def placed(name: str, place: str) -> str:
    """Add the place to a name, where there is one."""
    return f"{name} ({place})" if place else name
