"""Making a backup and restoring one, of whichever database."""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.keeping.container import Manifest, manifest_of, measured, pack, private_file, unpack
from repaircore.adapters.storage.keeping.showing import Show
from repaircore.adapters.storage.keeping.snapshot import Contents
from repaircore.ports.errors import Rejected


class Keeper(Protocol):
    """One database's way of being written out and taken in again."""

    @property
    def kind(self) -> str:
        """Which kind of database; a backup of one is not restored into another."""
        ...

    @property
    def workplace(self) -> Path:
        """The folder for what is restored, on its way."""
        ...

    def dump(self, into: Path, show: Show) -> Contents:
        """Write the database into a file that is there already, and answer what was written."""
        ...

    def holds(self) -> str | None:
        """Say what restoring would destroy; None for nothing."""
        ...

    def received(self, data: Path) -> AbstractContextManager[Contents]:
        """Take a dump in, apart; it becomes the database only when the block ends without an error."""
        ...


def make_backup(keeper: Keeper, file: Path, *, program: str, at: datetime, show: Show) -> Manifest:
    """Write the database into one file that only its owner may read, with a manifest to verify it by.

    A database with faults is backed up as well: `manifest.inventory.faults()` names them. Raises Rejected when the file is
    there already, Unavailable when the database cannot be read or was never migrated.
    """
    if file.exists():
        raise Rejected(f"{file} is there already: name another file")
    with private_file(file.with_name(f"{file.name}.data")) as data:
        show.begin("Copying the database")
        found = keeper.dump(data, show)
        show.begin("Computing the checksum")
        sha256, size = measured(data)
        manifest = Manifest(
            kind=keeper.kind,
            migration=found.migration,
            made_by=program,
            made_at=at,
            sha256=sha256,
            size=size,
            inventory=found.inventory,
        )
        show.begin("Writing the backup")
        pack(data, manifest, file, show)
    return manifest


def restore_backup(keeper: Keeper, file: Path, *, replace: bool, despite_faults: bool, show: Show) -> Manifest:
    """Put a backup in the database's place, after everything in it was verified. Until then the old one stays as it is.

    Raises Rejected when the backup is damaged, of another kind or migration, or not what its manifest says; when its data has
    faults, unless `despite_faults`; when the database holds anything, unless `replace`; or when it is in use.
    """
    manifest = manifest_of(file)
    _check(keeper, file, manifest)
    faults = manifest.inventory.faults()
    if faults and not despite_faults:
        raise Rejected(f"{file} was made of a database with faults: {'; '.join(faults)}")
    held = None if replace else keeper.holds()
    if held:
        raise Rejected(f"the database is not empty, it holds {held}: pass --replace to put the backup in its place")
    keeper.workplace.mkdir(parents=True, exist_ok=True)
    with private_file(keeper.workplace / f"{file.name}.{token_hex(4)}.restoring") as data:
        show.begin("Verifying the checksum")
        unpack(file, data, show)
        show.begin("Restoring and counting")
        with keeper.received(data) as found:
            _compare(file, manifest, found)
            show.begin("Putting it in place")
    return manifest


def _check(keeper: Keeper, file: Path, manifest: Manifest) -> None:
    if manifest.kind != keeper.kind:
        raise Rejected(
            f"{file} is a backup of {manifest.kind}, this database is of {keeper.kind}: restore it into one of its own kind, "
            "then `repaircore db copy`"
        )
    if manifest.migration != HEAD:
        raise Rejected(
            f"{file} was made at migration {manifest.migration} by repaircore {manifest.made_by}, this program is at {HEAD}: "
            "restore it with the version that made it, then `repaircore migrate` with the newer one"
        )


def _compare(file: Path, manifest: Manifest, found: Contents) -> None:
    differences = manifest.inventory.differences(found.inventory)
    if found.migration != manifest.migration:
        differences = (f"it is at migration {found.migration}, not {manifest.migration}", *differences)
    if differences:
        raise Rejected(f"{file} is not what its manifest says: {'; '.join(differences)}")
