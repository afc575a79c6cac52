"""Query parameters: typed, each at most once, unknown ones refused with the nearest known name."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from attrs import frozen
from multidict import MultiMapping

from repaircore.entrypoints.http.faults import known_words, said
from repaircore.entrypoints.http.refusals import FieldError, InvalidRequest
from repaircore.entrypoints.http.routes import Argument
from repaircore.entrypoints.http.text import hint, pointer_part, quoted, trouble

TOKEN = "token"
_LONGEST = 500

_words = cache(known_words)  # of as many kinds as there are parameters


@frozen
class QueryReader:
    """Reads one route's parameters; `token` is allowed everywhere, because a link may carry it."""

    arguments: Mapping[str, Argument]  # by wire name

    @classmethod
    def of(cls, arguments: tuple[Argument, ...]) -> "QueryReader":
        """Read these arguments."""
        return cls({argument.wire_name: argument for argument in arguments})

    def read(self, query: MultiMapping[str]) -> dict[str, Any]:
        """Answer the given arguments by their Python names; the others have defaults. Raises InvalidRequest with every fault."""
        errors: list[FieldError] = []
        values: dict[str, Any] = {}
        for name in dict.fromkeys(query):
            if name == TOKEN:
                continue
            try:
                argument = self._known(name)
                values[argument.name] = _value(argument, query.getall(name))
            except InvalidRequest as fault:
                errors.extend(fault.errors)
        errors.extend(
            FieldError(f"/{argument.wire_name}", "is required", "missing_field")
            for argument in self.arguments.values()
            if argument.is_required and argument.wire_name not in query
        )
        if errors:
            raise InvalidRequest(errors)
        return values

    def _known(self, name: str) -> Argument:
        argument = self.arguments.get(name)
        if argument is None:
            message = f"there is no query parameter {quoted(name)}{hint(name, list(self.arguments))}"
            raise InvalidRequest([FieldError(pointer_part(name), message, "unknown_field")])
        return argument


def _value(argument: Argument, given: list[str]) -> Any:
    name, text = argument.wire_name, given[0]
    words = _words(argument.kind)
    if len(given) > 1:
        fault = "is given more than once", "repeated"
    elif len(text) > _LONGEST:
        fault = f"must have at most {_LONGEST} characters", "invalid_value"
    elif wrong := trouble(text):
        fault = wrong, "invalid_text"
    elif words and text not in words:
        fault = f"{quoted(text)} is not known{hint(text, words)} Known: {', '.join(words)}", "unknown_value"
    else:
        try:
            return msgspec.convert(text, argument.kind, strict=False)
        except msgspec.ValidationError as error:
            fault = said(error), "invalid_value"
    raise InvalidRequest([FieldError(f"/{name}", *fault)])
