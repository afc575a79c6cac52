"""`repaircore backup`."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from repaircore.adapters.clock.system import SystemClock
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import warn, watching, write_json
from repaircore.wiring.keeping import Manifest, backup
from repaircore.wiring.settings import load_settings

app = App(name="backup", help_format="plaintext")

PgBin = Annotated[Path | None, Parameter(name="--pg-bin")]


@app.default
def backup_(file: Path, /, *, pg_bin: PgBin = None, place: Place = HERE, json: Json = False) -> None:
    """Write the whole database into one verified file, while servers go on. Nobody but its owner may read the file.

    Parameters
    ----------
    file
        The file to make. It must not be there.
    pg_bin
        The folder of PostgreSQL's pg_dump, where it is not in PATH.
    """
    settings = load_settings(place.business_file).database
    with watching() as show:
        manifest = backup(settings, place.data_dir, file, at=SystemClock().now(), show=show, programs=pg_bin)
    for fault in manifest.inventory.faults():
        warn(f"the database has a fault: {fault}")
    if json:
        write_json(told(file, manifest))
    else:
        print(f"{file} holds {manifest.inventory.total} rows as of {manifest.made_at.isoformat(timespec='seconds')}.")


def told(file: Path, manifest: Manifest) -> dict[str, Any]:
    """Tell a backup to scripts."""
    held = manifest.inventory
    return {
        "file": str(file),
        "kind": manifest.kind,
        "migration": manifest.migration,
        "made_by": manifest.made_by,
        "made_at": manifest.made_at.isoformat(),
        "sha256": manifest.sha256,
        "size": manifest.size,
        "rows": dict(held.rows),
        "last_event": held.last_event,
        "streams": held.streams,
        "ledger": {"sums": held.sums, "balances": {name: dict(each) for name, each in held.balances.items()}},
        "faults": list(held.faults()),
    }
