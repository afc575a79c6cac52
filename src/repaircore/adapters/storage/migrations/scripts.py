"""Running the scripts on a connection that is in its transaction already."""

from typing import Any

from alembic.command import upgrade
from alembic.util.exc import CommandError

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.migrations import alembic_config
from repaircore.ports.errors import Unavailable


def run(connection: Any, *, found: str | None) -> None:
    """Bring the database from the migration that was found in it to head. Raises Unavailable when this program does not know that one."""
    config = alembic_config()
    config.attributes["connection"] = connection
    try:
        upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(
            f"the database is at migration {found}, this program only knows those up to {HEAD}: install the newer version"
        ) from error
