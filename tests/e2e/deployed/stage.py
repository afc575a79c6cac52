"""Where the composition is played: which program a service is there, and what its variables say."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from tests.e2e.deployed.composition import Service
from tests.e2e.places import EXAMPLES

SHOP: Final = EXAMPLES / "revivatech"
SECRETS: Final = Path("/run/secrets")


class Stage(Protocol):
    """A place to run services in."""

    @property
    def mail(self) -> Path:
        """Where the workers write their mails."""
        ...

    def program(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """Answer how `repaircore` is started there, with this command."""
        ...

    def variables(self, service: Service) -> Mapping[str, str]:
        """Answer everything that is in the service's environment."""
        ...


@frozen
class Checkout:
    """The checkout itself, with a folder for what would be volumes and secrets; `servers` are the variables that say where
    PostgreSQL and Valkey are."""

    folder: Path
    servers: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def mail(self) -> Path:
        return self.folder / "data" / "var" / "mail"

    def program(self, command: tuple[str, ...]) -> tuple[str, ...]:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        return ("env", f"--chdir={data}", sys.executable, "-m", "repaircore.entrypoints.cli", *on_loopback(command))

    def variables(self, service: Service) -> Mapping[str, str]:
        write(self.secrets, self.folder / "secrets")
        instead = {"/etc/repaircore": str(SHOP), str(SECRETS): str(self.folder / "secrets")}
        variables = dict(service.environment)
        for name, value in variables.items():
            for there, here in instead.items():
                if value.startswith(there):
                    variables[name] = value.replace(there, here, 1)
        return {"PATH": os.environ["PATH"], **variables, **self.servers}


def whereabouts(database_url: str, valkey_url: str) -> Mapping[str, str]:
    """Name the variables that say where the servers are."""
    return {"REPAIRCORE_DATABASE_URL": database_url, "REPAIRCORE_LIMITS_REDIS_URL": valkey_url}


def on_loopback(command: tuple[str, ...]) -> tuple[str, ...]:
    """Let a server listen on a free port of this machine alone: several share it, and none is alone in a network of its own."""
    return tuple({"0.0.0.0": "127.0.0.1", "8080": "0"}.get(word, word) for word in command)


def write(secrets: Mapping[str, str], folder: Path) -> None:
    """Write each secret into a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, secret in secrets.items():
        (folder / name).write_text(f"{secret}\n", encoding="utf-8")
