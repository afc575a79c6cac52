"""`repaircore override …`: agreed by whom, why, for how long, and within which limits."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.cli.running import Shell

Place = tuple[str, ...]


@pytest.fixture
def quote(shell: Shell, place: Place) -> dict[str, Any]:
    """A screen as the rules price it."""
    done = shell("quote", "--device", "iphone-13-pro", "--item", "screen-repair", "--json", *place)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def pounds(quote: dict[str, Any], *, less: int) -> str:
    """The subtotal, that many per cent lower, as it is typed."""
    amount = quote["subtotal"]["amount"] * (100 - less) // 100
    return f"{amount // 100}.{amount % 100:02}"


def agree(shell: Shell, place: Place, quote: dict[str, Any], price: str, *words: str) -> Any:
    """Agree on that price, and answer the new quote."""
    done = shell("override", quote["id"], "--price", price, "--reason", "A neighbour", "--json", *words, *place)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_an_agreed_price_is_another_quote(shell: Shell, place: Place, quote: dict[str, Any]) -> None:
    """It has the price and names what it replaces; list and show tell who, why and until when."""
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat(timespec="minutes")

    made = agree(shell, place, quote, pounds(quote, less=10), "--actor", "key_7", "--expires", until)

    (listed,) = json.loads(shell("override", "list", "--json", *place).out)
    shown = shell("override", "show", made["id"], *place)
    assert made["replaces"] == quote["id"]
    assert made["subtotal"]["amount"] == quote["subtotal"]["amount"] * 90 // 100
    assert (listed["id"], listed["by"], listed["reason"]) == (made["id"], "staff key_7", "A neighbour")
    assert datetime.fromisoformat(listed["expires_at"]) == datetime.fromisoformat(until)
    assert "A neighbour" in shown.out
    assert shell("quote", "verify", made["id"], *place).code == 0


def test_the_price_of_one_line(shell: Shell, place: Place, quote: dict[str, Any]) -> None:
    """A line is named by its code."""
    line = quote["lines"][0]["code"]

    made = agree(shell, place, quote, f"{line}={pounds(quote, less=10)}")

    assert made["lines"][0]["amount"]["amount"] == quote["subtotal"]["amount"] * 90 // 100


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--price", "1"), "ask an admin"),
        (("--price", "1", "--role", "technician"), "a technician may change a price by 10 %"),
        (("--price", "1.234"), "--price 1.234: '1.234' has 3 decimals; GBP has 2"),
        (("--price", "cheap"), "'cheap' is not a number: write it like 150 or 12.50"),
        (("--price", "nothing=1"), "the quote has no line 'nothing' with a price; it has screen-repair"),
        (("--price", "100", "--expires", "2026-05-01T10:00:00"), "write it with an offset"),
    ],
)
def test_what_may_not_be_agreed(
    shell: Shell, place: Place, quote: dict[str, Any], words: tuple[str, ...], why: str
) -> None:
    """One line says why and who may; nothing is kept."""
    done = shell("override", quote["id"], "--reason", "A neighbour", *words, *place)

    assert done.code == 1
    assert why in done.err
    assert json.loads(shell("override", "list", "--json", *place).out) == []


def test_an_admin_may_agree_on_anything(shell: Shell, place: Place, quote: dict[str, Any]) -> None:
    """Unless the rulebook says otherwise."""
    assert agree(shell, place, quote, "1", "--role", "admin")["subtotal"]["amount"] == 100


def test_a_quote_without_agreed_prices(shell: Shell, place: Place, quote: dict[str, Any]) -> None:
    """Shown is only what was agreed."""
    done = shell("override", "show", quote["id"], *place)

    assert done.code == 1
    assert "has the prices of the rules" in done.err


def test_an_agreed_price_is_withdrawn(shell: Shell, place: Place, quote: dict[str, Any]) -> None:
    """It is expired from then on, with who and why on record, and is not withdrawn twice; the rules' own price never is."""
    made = agree(shell, place, quote, pounds(quote, less=10))

    done = shell("override", "withdraw", made["id"], "--reason", "The wrong customer", *place)
    again, never = [
        shell("override", "withdraw", each["id"], "--reason", "The wrong customer", *place) for each in (made, quote)
    ]

    assert (done.code, done.out) == (0, f"The price agreed in {made['id']} is withdrawn; its status is expired.\n")
    assert (again.code, never.code) == (1, 1)
    assert "only a price that was agreed is withdrawn" in never.err
    assert shell("quote", "verify", made["id"], *place).code == 0
