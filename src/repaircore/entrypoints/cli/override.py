"""`repaircore override …`: prices that staff agree with a customer."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Unreadable
from repaircore.application.pricing.margins import JudgedMargin
from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.overrides import AgreedPrice, Override
from repaircore.domain.pricing.quote import Quote
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.quote import write_margin, write_quote
from repaircore.entrypoints.cli.refusals import CannotBeDone
from repaircore.entrypoints.http.schemas import quotes
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core

app = App(
    name="override", help="Agree on other prices than the rules give; list and show them.", help_format="plaintext"
)


class AgreeingRole(StrEnum):
    """Who may agree on a price; the rulebook's [overrides] says by how much each may change one."""

    TECHNICIAN = "technician"
    STAFF = "staff"
    ADMIN = "admin"


@app.default
def override(
    id: str,
    /,
    *,
    price: Annotated[list[str], Parameter(negative="")],
    reason: str,
    role: AgreeingRole = AgreeingRole.STAFF,
    actor: str = "command line",
    expires: datetime | None = None,
    margin_approval: str = "",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Make a new quote with agreed prices in the place of this one, which stays as it is.

    Parameters
    ----------
    id
        The quote's id.
    price
        The order's subtotal, such as 149.50, or `LINE=149.50` for one of a line, by its code; again for each.
    reason
        Why; the customer reads it in the explanation.
    role
        In which role it is agreed: limits are the role's.
    actor
        Who agrees, by an id; it stays on record.
    expires
        Until when the price is held, with offset; without it as long as any quote.
    margin_approval
        An admin's reason for a margin below the minimum.
    """
    by = Actor(Role(role), actor)
    made, margin, shown = asyncio.run(_override(place, id, price, reason, by, expires, margin_approval))
    if json:
        write_json(msgspec.to_builtins(shown))
    else:
        write_quote(made)
        write_margin(margin)


@app.command(name="list")
def list_(
    *,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 50,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """List agreed prices, the newest first.

    Parameters
    ----------
    limit
        At most so many.
    """
    rows = asyncio.run(_list(place, limit))
    if json:
        write_json(rows)
        return
    cells = [
        [row[name] for name in ("id", "replaces", "total", "by", "expires_at", "status", "reason")] for row in rows
    ]
    headings = ("quote", "instead of", "total", "by", "held until", "status", "why")
    write_table(headings, cells, empty="No price was agreed yet.")


@app.command
def show(id: str, /, *, place: Place = HERE, json: Json = False) -> None:
    """Show what was agreed in a quote: who, why, until when, and which prices.

    Parameters
    ----------
    id
        The id of the quote that was made with it.
    """
    row, made = asyncio.run(_show(place, id))
    if json:
        write_json(row)
        return
    for name in ("replaces", "by", "agreed_at", "expires_at", "status", "reason"):
        print(f"{name.replace('_', ' '):11} {row[name]}")
    write_quote(made)


@app.command
def withdraw(
    id: str,
    /,
    *,
    reason: str,
    role: AgreeingRole = AgreeingRole.STAFF,
    actor: str = "command line",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """End an agreed price early: it can be neither accepted nor booked any more.

    Parameters
    ----------
    id
        The id of the quote that was made with it.
    reason
        Why; it stays on record.
    role
        In which role it is withdrawn.
    actor
        Who withdraws it, by an id; it stays on record.
    """
    row = asyncio.run(_withdraw(place, id, reason, Actor(Role(role), actor)))
    if json:
        write_json(row)
    else:
        print(f"The price agreed in {row['id']} is withdrawn; its status is {row['status']}.")


async def _withdraw(place: Place, id: str, reason: str, by: Actor) -> dict[str, Any]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return _row(core, await core.override.withdraw(QuoteId(id), reason=reason, by=by))


async def _override(
    place: Place, id: str, prices: list[str], reason: str, by: Actor, expires: datetime | None, approval: str
) -> tuple[Quote, JudgedMargin, quotes.Quote]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        agreed = tuple(_price(text, core.business.currency) for text in prices)
        until = _with_offset(expires)
        made = await core.override(
            QuoteId(id), agreed, reason=reason, expires_at=until, by=by, approval=approval or None
        )
        margin = await core.pricing.margin(made)
        return made, margin, quotes.show(made, core.clock.now(), margin)


async def _list(place: Place, limit: int) -> list[dict[str, Any]]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return [_row(core, each) for each in await core.override.newest(limit=limit)]


async def _show(place: Place, id: str) -> tuple[dict[str, Any], Quote]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        quote = await core.pricing.get(QuoteId(id))
        return _row(core, quote), quote


def _row(core: Core, quote: Quote) -> dict[str, Any]:
    agreed = quote.facts.override
    if agreed is None:
        raise CannotBeDone(
            f"quote {quote.id} has the prices of the rules: `override list` names those with agreed ones"
        )
    return {
        "id": quote.id,
        "replaces": agreed.replaces,
        "total": str(quote.priced.total),
        "prices": _prices(agreed),
        "by": f"{agreed.by.role} {agreed.by.id}",
        "agreed_at": agreed.at.isoformat(timespec="minutes"),
        "expires_at": agreed.expires_at.isoformat(timespec="minutes"),
        "status": quote.status_at(core.clock.now()).value,
        "reason": agreed.reason,
    }


def _prices(agreed: Override) -> list[dict[str, Any]]:
    return [{"line": price.line, "amount": price.amount} for price in agreed.prices]


def _price(text: str, currency: str) -> AgreedPrice:
    line, _, amount = text.rpartition("=")
    try:
        return AgreedPrice(line=line, amount=values.money(currency)(amount))
    except Unreadable as wrong:
        raise InvalidValue(f"--price {text}: {wrong}") from wrong


def _with_offset(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidValue(
            f"--expires {moment.isoformat()}: write it with an offset, such as 2026-05-01T10:00:00+01:00"
        )
    return moment
