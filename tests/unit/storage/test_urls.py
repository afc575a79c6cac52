"""URLs of databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage.urls import is_postgresql, masked


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://shop:hush@db.example.com:5432/shop", "postgresql://shop:***@db.example.com:5432/shop"),
        ("postgresql://:hush@db.example.com/shop", "postgresql://:***@db.example.com/shop"),
        ("postgresql://shop:hu@sh/y@db.example.com/shop", "postgresql://shop:***@db.example.com/shop"),
        ("postgresql:///shop?user=shop&password=hush", "postgresql:///shop?user=shop&password=***"),
        ("postgresql:///shop?sslpassword=hush&user=a", "postgresql:///shop?sslpassword=***&user=a"),
        ("postgresql://shop@db.example.com/shop", "postgresql://shop@db.example.com/shop"),
        (
            "postgresql://db.example.com:5432,db2.example.com:5432/shop",
            "postgresql://db.example.com:5432,db2.example.com:5432/shop",
        ),
        ("sqlite:///var/shop.db", "sqlite:///var/shop.db"),
        ("memory:", "memory:"),
    ],
)
def test_shown_without_passwords(url: str, shown: str) -> None:
    """Everything is shown but passwords, wherever the URL has them."""
    assert masked(url) == shown


SECRETS = st.text("abcxyz:/@?&=%#.", min_size=1).map(lambda text: f"§{text}§")


@given(SECRETS, st.sampled_from(["", "/shop", "/shop?sslmode=require"]))
def test_no_password_is_ever_shown(secret: str, rest: str) -> None:
    """However it is written, escaped or not."""
    assert "§" not in masked(f"postgresql://shop:{secret}@db.example.com{rest}")


def test_a_careless_mask_is_caught() -> None:
    """A mask that ends at the first @ shows the rest of this password."""
    careless = "postgresql://shop:a@§§@db.example.com".replace("a@", "***@", 1)

    assert "§" in careless
    assert "§" not in masked("postgresql://shop:a@§§@db.example.com")


def test_kinds() -> None:
    """Both ways to write PostgreSQL's scheme are known; everything else is a file."""
    assert is_postgresql("postgresql://db.example.com/shop")
    assert is_postgresql("postgres://db.example.com/shop")
    assert not is_postgresql("sqlite:///postgresql.db")
