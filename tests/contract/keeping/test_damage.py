"""A backup that is not as it was written is never restored."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage.keeping.container import Manifest, manifest_of, measured, pack, unpack
from repaircore.adapters.storage.keeping.showing import SILENT
from repaircore.domain.operations.inventory import Inventory
from repaircore.ports.errors import Rejected

INVENTORY = Inventory(
    rows={"bookings": 2},
    last_event=2,
    streams=1,
    broken_streams=(),
    balances={"GBP": {"receivable": 5, "sales": -5}},
    unbalanced_entries=(),
)


def packed(folder: Path, data: bytes) -> bytes:
    """A backup of that data."""
    (folder / "data").write_bytes(data)
    sha256, size = measured(folder / "data")
    manifest = Manifest(
        kind="sqlite",
        migration="0001",
        made_by="1.0",
        made_at=datetime(2026, 3, 2, tzinfo=UTC),
        sha256=sha256,
        size=size,
        inventory=INVENTORY,
    )
    pack(folder / "data", manifest, folder / "a.backup", SILENT)
    return (folder / "a.backup").read_bytes()


def unpacked(folder: Path, backup: bytes) -> bytes:
    """What that backup holds. Raises Rejected."""
    (folder / "b.backup").write_bytes(backup)
    unpack(folder / "b.backup", folder / "data", SILENT)
    return (folder / "data").read_bytes()


@given(data=st.binary(max_size=300))
def test_whole(data: bytes) -> None:
    """What was packed comes out."""
    with TemporaryDirectory() as folder:
        assert unpacked(Path(folder), packed(Path(folder), data)) == data
        assert manifest_of(Path(folder) / "b.backup").inventory == INVENTORY


@given(data=st.binary(max_size=300), at=st.integers(0), bit=st.integers(0, 7))
def test_one_bit(data: bytes, at: int, bit: int) -> None:
    """A single bit, anywhere."""
    with TemporaryDirectory() as folder:
        backup = bytearray(packed(Path(folder), data))
        backup[at % len(backup)] ^= 1 << bit

        with pytest.raises(Rejected):
            unpacked(Path(folder), bytes(backup))


@given(data=st.binary(max_size=300), at=st.integers(0))
def test_cut_off(data: bytes, at: int) -> None:
    """Anywhere before its end."""
    with TemporaryDirectory() as folder:
        backup = packed(Path(folder), data)

        with pytest.raises(Rejected):
            unpacked(Path(folder), backup[: at % len(backup)])


@given(more=st.binary(min_size=1, max_size=20))
def test_something_behind_it(more: bytes) -> None:
    """Too much is wrong as well."""
    with TemporaryDirectory() as folder, pytest.raises(Rejected, match="is damaged"):
        unpacked(Path(folder), packed(Path(folder), b"data") + more)


def test_another_format(tmp_path: Path) -> None:
    """A newer program's format is named."""
    backup = packed(tmp_path, b"data").replace(b"repaircore backup 1 ", b"repaircore backup 2 ", 1)

    with pytest.raises(Rejected, match="is a backup of format 2; this program reads format 1"):
        unpacked(tmp_path, backup)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"PGDMP" * 1000])
def test_some_other_file(tmp_path: Path, content: bytes) -> None:
    """It is named for what it is not."""
    with pytest.raises(Rejected, match="is not a backup"):
        unpacked(tmp_path, content)
