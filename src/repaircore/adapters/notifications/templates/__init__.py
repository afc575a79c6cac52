"""Templates that a shop owner may rewrite: Jinja in a sandbox, MJML for the HTML part."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repaircore.adapters.notifications.templates.letters import Letters

PACKAGED = Path(__file__).parent / "packaged"


def build(folder: Path | None = None) -> "Letters":
    """Make the templates; files in `folder` go before the packaged ones of the same name."""
    from repaircore.adapters.notifications.templates.letters import Letters

    return Letters([folder, PACKAGED] if folder else [PACKAGED])
