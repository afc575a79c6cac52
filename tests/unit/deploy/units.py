"""What is wrong with a systemd unit."""

from typing import Final

from tests.unit.deploy.commands import is_understood
from tests.unit.deploy.files import DRAIN, told_secrets

PROGRAM: Final = "/opt/repaircore/bin/repaircore"

HARDENED: Final = {
    "DynamicUser": "yes",
    "CapabilityBoundingSet": "",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "PrivateUsers": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
}

Unit = dict[tuple[str, str], list[str]]


def read(written: str) -> Unit:
    """Read a unit: what each key of each section says, every time it says it."""
    unit: Unit = {}
    section = ""
    for line in written.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            unit.setdefault((section, key), []).append(value)
    return unit


def faults(written: str) -> set[str]:
    """Name every promise of a unit that a file breaks."""
    unit = read(written)

    def says(key: str, section: str = "Service") -> str:
        return " ".join(unit.get((section, key), ["(nothing)"]))

    program, *command = says("ExecStart").split()
    lasting = command[:1] != ["migrate"]
    variables = [tuple(each.split("=", 1)) for each in unit.get(("Service", "Environment"), [])]
    found = {
        "it is not hardened": any(says(key) != value for key, value in HARDENED.items()),
        "it writes elsewhere": says("StateDirectory") != "repaircore" or ("Service", "ReadWritePaths") in unit,
        "system calls are not filtered": not says("SystemCallFilter").startswith("@system-service"),
        "its command is not understood": program != PROGRAM or not is_understood(command),
        "a secret is in the environment": bool(told_secrets((name, value) for name, value in variables)),
        "its secrets are not handed over": not _handed_over(unit),
        "the migration is not waited for": lasting
        and not all("repaircore-migrate.service" in says(key, "Unit") for key in ("After", "Requires")),
        "the migration is not waited out": not lasting and says("Type") != "oneshot",
        "it is killed while it drains": lasting
        and (says("KillSignal") != "SIGTERM" or _seconds(says("TimeoutStopSec")) < DRAIN + 15),
        "it is not started again": lasting and says("Restart") != "on-failure",
    }
    return {fault for fault, is_there in found.items() if is_there}


def _handed_over(unit: Unit) -> bool:
    """Each file that a variable names is a credential."""
    credentials = {each.partition(":")[0] for each in unit.get(("Service", "LoadCredential"), [])}
    named = {
        each.rpartition("/")[2]
        for each in unit.get(("Service", "Environment"), [])
        if each.partition("=")[0].endswith("_FILE") and each.partition("=")[2].startswith("%d/")
    }
    return named == credentials == {"secret-key", "database-password"}


def _seconds(span: str) -> float:
    return float(span) if span.isdigit() else 0.0
