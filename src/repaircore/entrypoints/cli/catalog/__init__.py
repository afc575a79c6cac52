"""`repaircore catalog …`: what is for sale, changed in steps that somebody answers for."""

from repaircore.entrypoints.cli.catalog import exchange, history, versions
from repaircore.entrypoints.cli.catalog.commands import app

__all__ = ["app", "exchange", "history", "versions"]
