"""Starting a server without the command line's parser: machines start servers often, always in the same plain words."""

import gc
import os
from pathlib import Path
from typing import Any

_OPTIONS = {"--config": Path, "--data-dir": Path, "--host": str, "--port": int}


def plain_serve(arguments: list[str]) -> dict[str, Any] | None:
    """Read `serve --option value …`. Anything else, help and mistakes among it, is None: the parser's to answer."""
    if arguments[:1] != ["serve"]:
        return None
    read: dict[str, Any] = {}
    words = iter(arguments[1:])
    for word in words:
        value = next(words, "")
        if word not in _OPTIONS or word in read or not value or value.startswith("-"):
            return None
        if word == "--port" and not (value.isascii() and value.isdigit() and int(value) < 1 << 16):
            return None
        read[word.removeprefix("--").replace("-", "_")] = _OPTIONS[word](value)
    if "config" not in read and os.environ.get("REPAIRCORE_CONFIG"):
        read["config"] = Path(os.environ["REPAIRCORE_CONFIG"])
    return read if "config" in read else None


def serve(options: dict[str, Any]) -> None:
    """Serve. Nothing made while starting is garbage, so nothing is looked for until the server runs."""
    gc.disable()
    from repaircore.entrypoints.process import run
    from repaircore.entrypoints.serving import Serving

    run(Serving(**options)())
