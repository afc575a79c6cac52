"""A small shop in files, whole and right; a test replaces the file that it wants broken."""

from pathlib import Path

from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.rules import Rulebook

CATEGORIES = """id,name
iphone,iPhone
macbook,MacBook
"""
DEVICES = """id,brand,model,category,year,aliases
iphone-13-pro,Apple,iPhone 13 Pro,iphone,2021,
iphone-13-pro-max,Apple,iPhone 13 Pro Max,iphone,2021,
macbook-air-13-m3,Apple,"MacBook Air 13"" M3",macbook,2024,Air M3; M3 Air
"""
SERVICES = """id,name,categories
screen,Screen,
battery,Battery,iphone; macbook
"""
PRICES = """service,price
screen,150
battery,80
"""
HEAD = """version = "1"
currency = "GBP"
timezone = "Europe/London"
effective_from = 2025-01-01
prices = ["prices.csv"]
"""
RULE = """
[[rules]]
id = "urgent"
stage = "urgency"
multiply = 1.5
when = { urgency = "urgent" }
"""

FILES = {
    "catalog/categories.csv": CATEGORIES,
    "catalog/devices.csv": DEVICES,
    "catalog/services.csv": SERVICES,
    "prices.csv": PRICES,
    "rulebook.toml": HEAD + RULE,
}


def write_shop(root: Path, files: dict[str, str | bytes | None]) -> Path:
    """Write the shop with these files in place of its own; None leaves a file out."""
    (root / "catalog").mkdir()
    for name, content in {**FILES, **files}.items():
        if content is not None:
            (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def load_catalogue(root: Path, currency: str = "GBP") -> Catalogue:
    """Load the shop's catalogue."""
    return CatalogueFiles(root, currency).load()


def load_rulebook(root: Path) -> Rulebook:
    """Load the shop's catalogue and the rulebook over it."""
    return RulebookFiles(root).load(load_catalogue(root))
