"""The image without a container: each step of the Containerfile in a file system of its own, laid over this machine's.

This machine with its Python stands for the base image. It takes root, and a mount namespace that ends with the process.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from tests.e2e.deployed.composition import Service
from tests.e2e.deployed.stage import SECRETS, SHOP, on_loopback, write
from tests.unit.deploy.containerfile import Stage, stages, words
from tests.unit.deploy.files import REPOSITORY, text

SHOP_THERE: Final = Path("/etc/repaircore")
DATA_THERE: Final = Path("/var/lib/repaircore")
_PATH: Final = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class StepFailed(Exception):
    """A step of the Containerfile did not succeed."""


@define
class Root:
    """A file system that was laid over this machine's, and where the next step of a stage begins in it."""

    path: Path
    workdir: str = "/"
    variables: dict[str, str] = field(factory=lambda: {"PATH": _PATH})

    def of(self, place: str) -> Path:
        """A place in it, seen from outside."""
        return self.path / os.path.join(self.workdir, place).lstrip("/")

    def run(self, line: str) -> None:
        """Run a line of shell in it, as root, with this machine's ways to packages. Raises StepFailed."""
        command = ("chroot", str(self.path), "env", f"--chdir={self.workdir}", "sh", "-c", line)
        if subprocess.run(command, env={**os.environ, **self.variables}, check=False).returncode:
            raise StepFailed(f"RUN {line}")


def built(folder: Path) -> tuple[Root, Stage]:
    """Carry out every stage of the Containerfile, and answer the last one. Raises StepFailed."""
    roots: dict[str, Root] = {}
    for number, stage in enumerate(stages(text("Containerfile"))):
        root = roots[stage.name] = Root(_laid_over(folder / str(number)))
        for step in stage.steps:
            print(f"  {step.word} {step.rest}", flush=True)
            match step.word:
                case "RUN":
                    root.run(step.rest)
                case "WORKDIR":
                    root.workdir = step.rest
                    root.of("").mkdir(parents=True, exist_ok=True)
                case "ENV":
                    for setting in step.rest.split():
                        name, _, value = setting.partition("=")
                        root.variables[name] = value.replace("$PATH", root.variables["PATH"])
                case "COPY":
                    _copy(step.rest.split(), roots, root)
    return root, stage


@frozen
class Image:
    """The image's program: its file system read-only, its user the image's, its data, secrets and shop mounted as composed."""

    root: Root
    stage: Stage
    servers: Mapping[str, str]

    @property
    def mail(self) -> Path:
        return self.root.of(str(DATA_THERE)) / "var" / "mail"

    def mount(self, secrets: Mapping[str, str]) -> None:
        """Make what a container's runtime makes: the mounts, and nothing else that can be written."""
        write(secrets, self.root.of(str(SECRETS)))
        shop, data = self.root.of(str(SHOP_THERE)), self.root.of(str(DATA_THERE))
        shop.mkdir()
        owner, mode = f"uid={data.stat().st_uid},gid={data.stat().st_gid}", oct(data.stat().st_mode & 0o777)[2:]
        _bind(SHOP, shop)
        _mount("-o", "remount,ro", str(self.root.path))
        _mount("-t", "tmpfs", "-o", f"{owner},mode={mode}", "data", str(data))
        _mount("-t", "tmpfs", "-o", "mode=1777", "tmp", str(self.root.of("/tmp")))

    def program(self, command: tuple[str, ...]) -> tuple[str, ...]:
        return self.as_its_user(*words(self.stage.last("ENTRYPOINT")), *on_loopback(command))

    def as_its_user(self, *command: str) -> tuple[str, ...]:
        """Answer how a command is run as the image's user, with no privilege to gain."""
        user, _, group = self.stage.last("USER").partition(":")
        return (
            *("chroot", str(self.root.path)),
            *("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"),
            *("--inh-caps=-all", "--bounding-set=-all"),
            *("env", f"--chdir={self.root.workdir}", *command),
        )

    def variables(self, service: Service) -> Mapping[str, str]:
        return {**self.root.variables, **service.environment, **self.servers}


def _laid_over(folder: Path) -> Path:
    """Lay an empty file system over this machine's, with this Python where the base image has its own."""
    folder.mkdir()
    _mount("-t", "tmpfs", "layer", str(folder))
    upper, work, merged = (folder / name for name in ("upper", "work", "merged"))
    for each in (upper, work, merged):
        each.mkdir()
    _mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", "overlay", str(merged))
    for there, here in {"usr/local": sys.base_prefix, "proc": "/proc", "dev": "/dev"}.items():
        _bind(Path(here), merged / there)
    subprocess.run(("chroot", str(merged), "ldconfig"), check=True)  # a shared libpython is found where it is now
    return merged


def _copy(arguments: list[str], roots: Mapping[str, Root], root: Root) -> None:
    origin = next((roots[each.partition("=")[2]] for each in arguments if each.startswith("--from=")), None)
    *sources, target = (each for each in arguments if not each.startswith("--"))
    for each in sources:
        source = origin.of(each) if origin else REPOSITORY / each
        there = root.of(target)
        if source.is_dir():
            leave_out = None if origin else shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, there, symlinks=True, dirs_exist_ok=True, ignore=leave_out)
        else:
            into = there / source.name if target.endswith("/") else there
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, into)


def _bind(here: Path, there: Path) -> None:
    """Show a folder of this machine, read-only: nothing that is done in there changes it."""
    _mount("--bind", str(here), str(there))
    _mount("-o", "remount,bind,ro", str(there))


def _mount(*arguments: str) -> None:
    subprocess.run(("mount", *arguments), check=True)
