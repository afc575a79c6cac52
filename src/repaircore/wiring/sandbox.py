"""The payment sandbox next door: in development our own server runs it, so that a newcomer can pay without an account anywhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from repaircore.domain.operations.business import Business
from repaircore.wiring.secrets import derive
from repaircore.wiring.settings import Settings, options

PATH = "/sandbox"
NAME = "sandbox"


@frozen(kw_only=True)
class MountedSandbox:
    """What the server needs to run it. `state` is the file it keeps; None: it forgets."""

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    public_url: str
    webhook_url: str
    state: Path | None


def sandbox_defaults(business: Business, secrets: tuple[bytes, ...]) -> Mapping[str, Any]:
    """Where our own server mounts the sandbox, and the secrets the two share."""
    return {
        "base_url": business.base_url + PATH,
        "api_key": derive(secrets[0], "sandbox.api_key"),
        "webhook_secrets": [derive(secrets[0], "sandbox.webhooks")],
    }


def mounted_sandbox(
    settings: Settings, business: Business, secrets: tuple[bytes, ...], *, database: Path | None
) -> MountedSandbox | None:
    """Say how to run the sandbox beside the database; None when it is not used, or runs elsewhere (it has a base_url)."""
    given = options(settings.payments.providers, NAME)
    used = NAME in (settings.payments.provider, *settings.payments.providers)
    if not used or "base_url" in given:
        return None
    known = {**sandbox_defaults(business, secrets), **given}
    return MountedSandbox(
        api_key=known["api_key"],
        webhook_secrets=tuple(known["webhook_secrets"]),
        public_url=business.base_url + PATH,
        webhook_url=f"{business.base_url}/v1/webhooks/{NAME}",
        state=database.with_suffix(".sandbox.jsonl") if database else None,
    )
