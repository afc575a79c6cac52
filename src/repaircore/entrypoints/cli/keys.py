"""`repaircore keys …`."""

import asyncio
from enum import StrEnum

from cyclopts import App

from repaircore.domain.actors import Role
from repaircore.domain.identity import KeyId
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.ports.unit_of_work import ApiKey
from repaircore.wiring.opening import open_core

app = App(name="keys", help="Create, list and revoke API keys.", help_format="plaintext")


class KeyRole(StrEnum):
    """What a key may be for."""

    STAFF = "staff"
    TECHNICIAN = "technician"
    ADMIN = "admin"


@app.command
def create(*, role: KeyRole = KeyRole.STAFF, label: str = "", place: Place = HERE, json: Json = False) -> None:
    """Make a key. It is shown this once and kept only as a hash.

    Parameters
    ----------
    role
        What its holder may do.
    label
        What it is for, to know it by later.
    """
    record, key = asyncio.run(_create(place, role, label))
    if json:
        write_json({"id": record.id, "key": key, "role": record.role.value})
    else:
        print(f"id    {record.id}\nrole  {record.role}\nkey   {key}\n\nThe key is not shown again. Keep it safe.")


@app.command(name="list")
def list_(*, place: Place = HERE, json: Json = False) -> None:
    """List every key ever made, without the keys themselves."""
    rows = [_row(key) for key in asyncio.run(_list(place))]
    if json:
        write_json(rows)
    else:
        cells = [[value or "" for value in row.values()] for row in rows]
        write_table(("id", "role", "label", "created", "revoked"), cells, empty="There are no keys yet.")


@app.command
def revoke(id: str, /, *, place: Place = HERE) -> None:
    """Withdraw a key, for good. A running server refuses it within five seconds.

    Parameters
    ----------
    id
        The key's id, from `keys list`.
    """
    asyncio.run(_revoke(place, KeyId(id)))
    print(f"{id} is revoked.")


async def _create(place: Place, role: KeyRole, label: str) -> tuple[ApiKey, str]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.access.create_key(Role(role.value), label=label)


async def _list(place: Place) -> list[ApiKey]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return list(await core.access.list_keys())


async def _revoke(place: Place, key_id: KeyId) -> None:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        await core.access.revoke_key(key_id)


def _row(key: ApiKey) -> dict[str, str | None]:
    return {
        "id": key.id,
        "role": key.role.value,
        "label": key.label,
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
