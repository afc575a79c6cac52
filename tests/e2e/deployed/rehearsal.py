"""`make rehearse`: the image is built step by step without a container, and the composition is played with what came out.

The program is installed from requirements/run.txt into a file system that is then read-only, and runs as the image's user. It needs root
and the package index; whatever it mounts is gone when it ends.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from secrets import token_hex
from typing import Final

from tests.e2e.deployed.guarded import PASSWORD, guarded_postgres
from tests.e2e.deployed.image import DATA_THERE, Image, built
from tests.e2e.deployed.play import opened, play
from tests.e2e.deployed.stage import SHOP, whereabouts
from tests.servers.valkey import running_valkey
from tests.unit.deploy.containerfile import words

_CLOSED: Final = (
    "/opt/repaircore/bin/anything",
    "/etc/repaircore/business.toml",
    "/run/secrets/secret-key",
    "/anything",
)


def main() -> None:
    """Rehearse in a process with mounts of its own, and leave nothing behind."""
    if os.geteuid() != 0:
        sys.exit("rehearse: it takes root, to mount a file system of its own")
    if len(sys.argv) > 1:
        rehearse(Path(sys.argv[1]))
        return
    folder = Path(tempfile.mkdtemp(prefix="repaircore-rehearsal-"))
    this = (sys.executable, "-m", "tests.e2e.deployed.rehearsal", str(folder))
    ended = subprocess.run(("unshare", "--mount", "--propagation", "private", *this), check=False)
    # The mounts ended with that process. What is left is empty; should it not be, it is left alone and never gone through.
    for each in (*folder.iterdir(), folder):
        each.rmdir()
    sys.exit(ended.returncode)


def rehearse(folder: Path) -> None:
    """Build, look at what cannot be written, and play. Raises StepFailed or AssertionError."""
    print("The Containerfile's steps")
    root, stage = built(folder)
    with guarded_postgres() as url, running_valkey() as valkey:
        image = Image(root, stage, whereabouts(url, valkey.url))
        image.mount({"secret-key": token_hex(32), "database-password": PASSWORD})
        print(f"The shop of {SHOP.name}, read-only, as user {stage.last('USER')}")
        for place in _CLOSED:
            assert not _can_write(image, place), f"{place} can be written"
        assert _can_write(image, f"{DATA_THERE}/anything")
        print("  nothing but its data can be written")
        asyncio.run(_played(image))
    print("  migrated, two servers and two workers: booked, told once each, healthy, stopped by SIGTERM")


def _can_write(image: Image, place: str) -> bool:
    tried = subprocess.run(image.as_its_user("touch", place), capture_output=True, check=False)
    return tried.returncode == 0


async def _played(image: Image) -> None:
    await play(image)
    async with opened(image) as (servers, workers):
        url = (await servers[0].event("listening"))["url"]
        check = image.stage.last("HEALTHCHECK").partition("CMD ")[2].replace("http://127.0.0.1:8080", url)
        assert _runs(image, words(check)), "the health check refuses a healthy server"
        for program in (*servers, *workers):
            await program.stop()
        assert not _runs(image, words(check)), "the health check accepts a server that is gone"


def _runs(image: Image, command: list[str]) -> bool:
    variables = image.root.variables
    tried = subprocess.run(image.as_its_user(*command), env=variables, capture_output=True, check=False)
    return tried.returncode == 0


if __name__ == "__main__":
    main()
