"""Text from outside: what may be stored, and how it is quoted back."""

from repaircore.domain.errors import nearest

_LONGEST_QUOTE = 60


def trouble(text: str) -> str | None:
    """Say what is wrong with a text that no database and no JSON could hold exactly; None for any legal Unicode."""
    if "\0" in text:
        return "must not contain the character NUL"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "must not contain half of a surrogate pair: it is not a Unicode character"
    return None


def quoted(text: str) -> str:
    """Quote a text for an error message: short, and always encodable."""
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return repr(short.encode(errors="replace").decode())


def hint(wanted: str, known: list[str]) -> str:
    """Name the nearest known name, when there is one and looking for it is cheap."""
    closest = nearest(wanted, known) if len(wanted) <= _LONGEST_QUOTE else None
    return f"; did you mean {closest!r}?" if closest else ""


def pointer_part(name: str) -> str:
    """Write one part of a JSON pointer, escaped and shortened."""
    short = name[:_LONGEST_QUOTE].encode(errors="replace").decode()
    return "/" + short.replace("~", "~0").replace("/", "~1")
