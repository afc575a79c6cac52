"""The systemd units: a user made for the purpose, one folder to write, and time to finish."""

import pytest

from tests.unit.deploy.files import DEPLOY, changed, text
from tests.unit.deploy.units import HARDENED, faults

UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
SERVE, WORKER, MIGRATE = "repaircore-serve.service", "repaircore-worker@.service", "repaircore-migrate.service"

BROKEN = [
    (SERVE, "StateDirectory=repaircore", "StateDirectory=elsewhere", "it writes elsewhere"),
    (SERVE, "UMask=0077", "ReadWritePaths=/etc", "it writes elsewhere"),
    (SERVE, "SystemCallFilter=@system-service\n", "", "system calls are not filtered"),
    (SERVE, "--no-worker", "--no-wroker", "its command is not understood"),
    (SERVE, "/opt/repaircore/bin/repaircore serve", "/usr/bin/env repaircore serve", "its command is not understood"),
    (SERVE, "PYTHONDONTWRITEBYTECODE=1", "REPAIRCORE_SECRET_KEY=hush", "a secret is in the environment"),
    (SERVE, "LoadCredential=secret-key:/etc/repaircore/secrets/secret-key\n", "", "its secrets are not handed over"),
    (SERVE, "=%d/secret-key", "=/etc/secret-key", "its secrets are not handed over"),
    (SERVE, "Requires=repaircore-migrate.service", "", "the migration is not waited for"),
    (WORKER, " repaircore-migrate.service", "", "the migration is not waited for"),
    (MIGRATE, "Type=oneshot", "Type=exec", "the migration is not waited out"),
    (SERVE, "KillSignal=SIGTERM", "KillSignal=SIGKILL", "it is killed while it drains"),
    (WORKER, "TimeoutStopSec=60", "TimeoutStopSec=5", "it is killed while it drains"),
    (WORKER, "Restart=on-failure\n", "", "it is not started again"),
]


def test_every_unit_is_known() -> None:
    """The three of them are what these tests look at."""
    assert sorted((SERVE, WORKER, MIGRATE)) == UNITS


@pytest.mark.parametrize("unit", UNITS)
def test_units_keep_their_promises(unit: str) -> None:
    """Nothing that is looked for is wrong with any of them."""
    assert faults(text(f"systemd/{unit}")) == set()


@pytest.mark.parametrize(("unit", "old", "new", "fault"), BROKEN)
def test_broken_promises_are_seen(unit: str, old: str, new: str, fault: str) -> None:
    """One change breaks one promise, which is named."""
    assert faults(changed(text(f"systemd/{unit}"), old, new)) == {fault}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("key", HARDENED)
def test_a_loosened_unit(unit: str, key: str) -> None:
    """Without any one line of the hardening a unit is not what it promises to be."""
    assert faults(changed(text(f"systemd/{unit}"), f"\n{key}={HARDENED[key]}\n", "\n")) == {"it is not hardened"}
