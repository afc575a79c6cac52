"""The server itself, as JSON."""

from repaircore.entrypoints.http.schemas.words import View


class Health(View):
    """The process answers."""

    status: str


class ReadinessCheck(View):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


class Readiness(View):
    """The core can do its work."""

    status: str
    checks: list[ReadinessCheck]
