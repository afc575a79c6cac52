"""What is wrong with a compose file."""

from collections.abc import Mapping
from typing import Any, Final

from tests.unit.deploy.commands import is_understood
from tests.unit.deploy.files import DRAIN, IMAGE, Document, documents, is_pinned, told_secrets

OURS: Final = ("migrate", "server", "worker")
MIGRATED: Final = {"condition": "service_completed_successfully"}

Service = Mapping[str, Any]


def faults(written: str) -> set[str]:
    """Name every promise of the composition that a file breaks."""
    (document,) = documents(written)
    services: dict[str, Service] = document["services"]
    ours = [services[name] for name in OURS]
    running = [services["server"], services["worker"]]
    found = {
        "a service runs as root": any(str(each.get("user", "0")).startswith("0") for each in ours),
        "a service may write its own program": any(not each.get("read_only") for each in ours),
        "a service may gain privileges": not all(_confined(each) for each in ours),
        "an image is not pinned": not all(is_pinned(each["image"]) for each in services.values()),
        "an image of another version is run": {each["image"] for each in ours} != {IMAGE},
        "a secret is in the environment": any(told_secrets(_variables(each)) for each in services.values()),
        "a secret has a default": not _secrets_are_the_operators(document),
        "the migration is not waited for": any(each["depends_on"].get("migrate") != MIGRATED for each in running),
        "the migration is repeated": services["migrate"].get("restart", "no") != "no",
        "a server's health is not looked at": any(
            services[name].get("healthcheck", {"disable": name != "server"}).get("disable")
            for name in ("postgres", "valkey", "server")
        ),
        "a machine that dies takes all of a kind along": any(each["deploy"]["replicas"] < 2 for each in running),
        "a server is open to everybody": any(
            not str(port).startswith("127.0.0.1:") for each in services.values() for port in each.get("ports", ())
        ),
        "a service is killed while it drains": any(_grace(each) < DRAIN + 15 for each in running),
        "a command is not understood": not all(is_understood(each["command"]) for each in ours),
        "what is kept is not in a volume": not _kept(services["postgres"], document),
    }
    return {fault for fault, is_there in found.items() if is_there}


def _confined(service: Service) -> bool:
    return service.get("cap_drop") == ["ALL"] and "no-new-privileges:true" in service.get("security_opt", ())


def _variables(service: Service) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in service.get("environment", {}).items()]


def _secrets_are_the_operators(document: Document) -> bool:
    """A secret is a file in the folder that the repository leaves out, or that the operator names."""
    return all(
        set(secret) == {"file"} and secret["file"] == f"${{REPAIRCORE_SECRETS:-./secrets}}/{name}"
        for name, secret in document["secrets"].items()
    )


def _grace(service: Service) -> float:
    return float(str(service.get("stop_grace_period", "10s")).removesuffix("s"))


def _kept(postgres: Service, document: Document) -> bool:
    return any(
        each["type"] == "volume" and each["source"] in document["volumes"] and each["target"] == "/var/lib/postgresql"
        for each in postgres.get("volumes", ())
    )
