"""Which migration this program is written for."""

from typing import Final

HEAD: Final = "0007"
"""The newest migration; a test keeps it equal to the newest script."""
