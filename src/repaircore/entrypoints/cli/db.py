"""`repaircore db …`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from typed_settings.types import SecretStr

from repaircore.adapters.storage.urls import masked
from repaircore.entrypoints.cli.options import Json
from repaircore.entrypoints.cli.output import watching, write_json
from repaircore.entrypoints.cli.refusals import CannotBeDone
from repaircore.wiring import keeping
from repaircore.wiring.environment import variable
from repaircore.wiring.settings import DatabaseSettings

app = App(name="db", help="Move to another database.", help_format="plaintext")


@app.command
def copy(
    *,
    source: Annotated[str, Parameter(name="--from")],
    target: Annotated[str, Parameter(name="--to")],
    data_dir: Path = Path(),
    json: Json = False,
) -> None:
    """Copy everything into an empty database, all or nothing, and compare both. Stop servers and workers first.

    The source is read as it was at one moment; if anybody writes it meanwhile, nothing is copied. REPAIRCORE_DATABASE_PASSWORD
    is PostgreSQL's password.

    Parameters
    ----------
    source
        The database to copy: sqlite:///path or postgresql://user@host/name.
    target
        An empty database, migrated or not. A file of SQLite is made where there is none.
    data_dir
        Where relative paths start.
    """
    if source == target:
        raise CannotBeDone("--from and --to are the same database")
    with watching() as show:
        copied = keeping.copy(_named(source), _named(target), data_dir, show=show)
    held = copied.inventory
    if json:
        ledger = {"sums": held.sums, "balances": {name: dict(each) for name, each in held.balances.items()}}
        write_json({"rows": dict(held.rows), "hashes": copied.hashes, "streams": held.streams, "ledger": ledger})
    else:
        print(
            f"{masked(target)} holds the same {held.total} rows as {masked(source)}: "
            "counts, hashes, ledger balances and event streams agree, and nobody wrote meanwhile."
        )


def _named(url: str) -> DatabaseSettings:
    return DatabaseSettings(url=url, password=SecretStr(variable("REPAIRCORE_DATABASE_PASSWORD") or ""))
