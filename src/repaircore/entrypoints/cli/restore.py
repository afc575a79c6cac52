"""`repaircore restore`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from repaircore.entrypoints.cli.backup import PgBin, told
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import warn, watching, write_json
from repaircore.wiring.keeping import restore
from repaircore.wiring.settings import load_settings

app = App(name="restore", help_format="plaintext")

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]


@app.default
def restore_(
    file: Path,
    /,
    *,
    replace: _Flag = False,
    despite_faults: _Flag = False,
    pg_bin: PgBin = None,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Verify a backup and put it in the database's place. Until all of it is verified the database stays as it is.

    Stop servers and workers first.

    Parameters
    ----------
    file
        The backup.
    replace
        Even where the database holds something, which is then gone.
    despite_faults
        Even where the backup was made of a database with faults.
    pg_bin
        The folder of PostgreSQL's pg_restore, where it is not in PATH.
    """
    settings = load_settings(place.business_file).database
    with watching() as show:
        manifest = restore(
            settings,
            place.data_dir,
            file,
            replace=replace,
            despite_faults=despite_faults,
            show=show,
            programs=pg_bin,
        )
    for fault in manifest.inventory.faults():
        warn(f"the database has a fault, as it had before: {fault}")
    if json:
        write_json(told(file, manifest))
    else:
        rows, at = manifest.inventory.total, manifest.made_at.isoformat(timespec="seconds")
        print(f"The database is as it was at {at}: {rows} rows, checksum, ledger and event sequences verified.")
