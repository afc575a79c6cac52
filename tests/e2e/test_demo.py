"""The demonstration, as a newcomer runs it."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.e2e.places import EXAMPLES, Place, example


def refused_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Answer the one line of a demo that could not be played."""
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("name", ["revivatech", "fixbulance"])
def test_twice(name: str, bench: Place) -> None:
    """It plays to its last line, and does so again over what the first run left."""
    place = example(name, bench.data)
    for _ in range(2):
        done = place.run("demo", "--port", "0")

        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "complete         → completed" in done.stdout
        assert "Everything answered as promised" in done.stdout
        assert "rk_" not in done.stdout, "a key is shown once, to whoever makes it"


def test_the_port_is_taken(bench: Place) -> None:
    """It says so, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refused_line(bench.run("demo", "--port", str(port)))

    assert f"port {port} of 127.0.0.1 is taken" in line
    assert "--port" in line


def test_a_business_that_takes_real_money(bench: Place) -> None:
    """The demo pays with test cards; it does not try them elsewhere."""
    change = ('provider = "sandbox"', 'provider = "memory"')
    other = bench.copied(bench.data / "shop", change=lambda text: text.replace(*change))

    assert "the demo pays at the sandbox" in refused_line(other.run("demo", "--port", "0"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopped_in_the_middle(bench: Place, how: signal.Signals) -> None:
    """Whoever stops it leaves no server behind."""
    command = (sys.executable, "-m", "repaircore.entrypoints.cli", "demo", "--port", "0", *bench.options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        address = next(line.split()[-1] for line in playing.stdout if "address" in line)
        os.kill(playing.pid, how)
        _, errors = playing.communicate(timeout=60)

    assert playing.returncode == 128 + how
    assert errors == ""
    host, port = address.removeprefix("http://").split(":")
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0
    assert '"event":"stopped"' in (bench.data / "var" / "demo-server.log").read_text()


def test_the_makefile_plays_it() -> None:
    """`make demo` runs the demo of the business it is given."""
    recipe = subprocess.run(
        ("make", "--dry-run", "--no-print-directory", "demo", "CONFIG=some.toml", "PORT=8099"),
        capture_output=True,
        text=True,
        cwd=EXAMPLES.parent,
        check=True,
    ).stdout

    assert "repaircore demo --config some.toml --port 8099" in recipe
