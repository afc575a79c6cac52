"""A parent with processes that do nothing but behave: `python -m tests.unit.processes.crew BEHAVIOUR FOLDER`."""

import os
import signal
import sys
from pathlib import Path

from repaircore.entrypoints.listening import bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.processes.parent import Parent
from repaircore.entrypoints.processes.post import Post

_STOPS = (signal.SIGTERM, signal.SIGINT)


def steady(post: Post, folder: Path) -> int:
    """Open, and go well when told to."""
    post.tell_opened()
    signal.sigwait(_STOPS)
    (folder / f"left {post.number}").touch()
    return 0


def careless(post: Post, folder: Path) -> int:
    """The second one leaves something unfinished."""
    return steady(post, folder) + (3 if post.number == 2 else 0)


def refuses(post: Post, folder: Path) -> int:
    """End before opening."""
    (folder / f"began {post.number}").touch()
    return 1


def fails_twice(post: Post, folder: Path) -> int:
    """The second one ends by itself, twice; the third life tells that all is well by asking to be stopped."""
    post.tell_opened()
    if post.number == 2:
        lives = folder / "lives"
        with lives.open("a") as file:
            file.write("with a door\n" if post.door else "behind closed doors\n")
        if len(lives.read_text().splitlines()) <= 2:
            return 3
        os.kill(os.getppid(), signal.SIGTERM)
    signal.sigwait(_STOPS)
    return 0


def stubborn(post: Post, folder: Path) -> int:
    """Hold SIGTERM back for ever."""
    post.tell_opened()
    signal.sigwait((signal.SIGUSR1,))
    return 0


def loyal(post: Post, folder: Path) -> int:
    """Open, and stay for as long as the parent does."""
    post.tell_opened()
    os.read(post.parent, 1)
    (folder / f"left {post.number}").touch()
    return 0


_BEHAVIOURS = {each.__name__: each for each in (steady, careless, refuses, fails_twice, stubborn, loyal)}


def main(behaviour: str, folder: Path) -> int:
    """Run two of them under a parent, to its end."""
    behave = _BEHAVIOURS[behaviour]
    with bound("127.0.0.1", 0) as backroom:
        return Parent(2, lambda post: behave(post, folder), backroom, JsonLog(), patience=0.1, grace=0.1).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
