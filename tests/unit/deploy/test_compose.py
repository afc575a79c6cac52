"""The composition for one machine: migrated first, confined, and with no secret of ours in it."""

import pytest

from tests.unit.deploy.composed import faults
from tests.unit.deploy.files import REPOSITORY, changed, text

BROKEN = [
    ('  user: "10001:10001"\n', "", "a service runs as root"),
    ('user: "10001:10001"', 'user: "0:0"', "a service runs as root"),
    ("  read_only: true\n  tmpfs", "  tmpfs", "a service may write its own program"),
    ("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "a service may gain privileges"),
    ("  image: repaircore:0.1.0", "  image: repaircore:0.0.9", "an image of another version is run"),
    ("image: postgres:18", "image: postgres", "an image is not pinned"),
    ("image: valkey/valkey:9", "image: registry.example.com/valkey/valkey:9", "an image is not pinned"),
    ("POSTGRES_PASSWORD_FILE: /run/secrets/database-password", "POSTGRES_PASSWORD: hush", "a secret is in the environment"),
    ("postgresql://repaircore@postgres", "postgresql://repaircore:hush@postgres", "a secret is in the environment"),
    ("file: ${REPAIRCORE_SECRETS:-./secrets}/secret-key", "environment: SECRET_KEY", "a secret has a default"),
    ("    depends_on: *migrated\n", "    depends_on: {postgres: {condition: service_healthy}}\n", "the migration is not waited for"),
    ("condition: service_completed_successfully", "condition: service_started", "the migration is not waited for"),
    ('restart: "no"', "restart: always", "the migration is repeated"),
    ("      test: [CMD, valkey-cli, ping]\n", "      disable: true\n", "a server's health is not looked at"),
    ("replicas: 2", "replicas: 1", "a machine that dies takes all of a kind along"),
    ('"127.0.0.1:8080-8081:8080"', '"8080-8081:8080"', "a server is open to everybody"),
    ("stop_grace_period: 60s", "stop_grace_period: 10s", "a service is killed while it drains"),
    ("command: [worker]", "command: [worker, --many]", "a command is not understood"),
    ("target: /var/lib/postgresql", "target: /var/lib/postgresql/data", "what is kept is not in a volume"),
]  # fmt: skip


def test_the_composition_keeps_its_promises() -> None:
    """Nothing that is looked for is wrong with it."""
    assert faults(text("compose.yaml")) == set()


@pytest.mark.parametrize(("old", "new", "fault"), BROKEN)
def test_broken_promises_are_seen(old: str, new: str, fault: str) -> None:
    """One change breaks one promise, which is named."""
    assert faults(changed(text("compose.yaml"), old, new)) == {fault}


def test_secrets_are_left_out() -> None:
    """The folder that they are read from is none of the repository's."""
    assert "/deploy/secrets/" in (REPOSITORY / ".gitignore").read_text().split()
