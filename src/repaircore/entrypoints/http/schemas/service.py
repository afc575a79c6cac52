"""The server itself, as JSON."""

from repaircore.entrypoints.http.schemas.words import View


class Health(View):
    """The process answers."""

    status: str


class ReadinessCheck(View):
    """One thing that was looked at. `degraded`: it is missing, and the core works without it."""

    name: str
    ok: bool
    detail: str
    degraded: bool = False


class Readiness(View):
    """The core can do its work: `ready`, or `degraded` when something is missing that it can do without."""

    status: str
    checks: list[ReadinessCheck]
