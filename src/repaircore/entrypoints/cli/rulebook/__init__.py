"""`repaircore rulebook …`: a change of prices, like a pull request."""

from repaircore.entrypoints.cli.rulebook import check, diff, publish, simulate
from repaircore.entrypoints.cli.rulebook.commands import app

__all__ = ["app", "check", "diff", "publish", "simulate"]
