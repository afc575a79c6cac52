"""Plain arguments of `serve` are read without the parser, and mean what the parser would have made of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cyclopts import CycloptsError
from hypothesis import given
from hypothesis import strategies as st

from repaircore.entrypoints.cli.app import app
from repaircore.entrypoints.cli.quick import plain_serve

words = st.sampled_from(["--config", "--data-dir", "--host", "--port", "--worker", "--no-worker", "--help"])
values = st.sampled_from(["a.toml", "var", "0.0.0.0", "0", "8080", "65535", "65536", "-1", "٣", "", "--port", "x y"])
arguments = st.lists(st.one_of(words, values), max_size=8)


def parsed(given: list[str]) -> Mapping[str, Any]:
    """Read the arguments with the parser."""
    _, bound, _ = app.parse_args(["serve", *given], print_error=False, exit_on_error=False)
    place = bound.arguments.get("place")
    told = {name: value for name, value in bound.arguments.items() if name != "place"}
    return {**told, **({"config": place.config, "data_dir": place.data_dir} if place else {})}


def agree(quick: Mapping[str, Any] | None, given: list[str]) -> bool:
    """The law: what is read quickly, the parser reads too, with the same values."""
    if quick is None:
        return True
    try:
        slow = parsed(given)
    except CycloptsError:
        return False
    return all(slow[name] == value for name, value in quick.items())


@given(arguments)
def test_it_agrees_with_the_parser(given: list[str]) -> None:
    """Anything that is not plain is left to the parser."""
    assert agree(plain_serve(["serve", *given]), given)


def test_a_breach_is_noticed() -> None:
    """A reader that takes any port breaks the law."""
    assert not agree({"port": 65536}, ["--config", "a.toml", "--port", "65536"])


def test_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual words are read; the environment stands in for --config."""
    plain = plain_serve(["serve", "--config", "a.toml", "--port", "80"])
    assert plain == {"config": Path("a.toml"), "port": 80}

    monkeypatch.setenv("REPAIRCORE_CONFIG", "b.toml")
    assert plain_serve(["serve"]) == {"config": Path("b.toml")}


@pytest.mark.parametrize("words", [[], ["worker"], ["serve", "--help"], ["serve", "--config=a.toml"], ["serve"]])
def test_left_to_the_parser(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Help, other commands, other spellings, and a business that nobody named."""
    monkeypatch.delenv("REPAIRCORE_CONFIG", raising=False)

    assert plain_serve(words) is None
