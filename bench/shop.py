"""A shop with a past: a migrated database with bookings and open payments, a staff key, and the links that customers hold."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from attrs import frozen

from bench.databases import BUSINESS, Database
from repaircore import Core, open_core
from repaircore.domain.actors import GUEST, Role
from repaircore.domain.booking.booking import Booking
from repaircore.domain.identity import PaymentId
from repaircore.domain.payments.payment import Payment, Purpose
from repaircore.domain.pricing.quoting import QuoteRequest
from repaircore.wiring.secrets import derive

CONFIG = BUSINESS
SECRET = "only-for-measuring-only-for-measuring"
ENVIRONMENT = {"REPAIRCORE_SECRET_KEY": SECRET, "REPAIRCORE_CONFIG": str(CONFIG)}
WEBHOOK_SECRET = derive(SECRET.encode(), "sandbox.webhooks")

_AT_ONCE = 64


@frozen(kw_only=True)
class Known:
    """A booking as its customer knows it, and its open payment."""

    id: str
    token: str
    payment_id: str
    total: int
    currency: str


@frozen(kw_only=True)
class Shop:
    """What requests are made of. `deep` is the place in the list behind nine tenths of the bookings."""

    database: Database
    staff_key: str
    jobs: Sequence[tuple[str, tuple[str, ...]]]  # devices, each with two services offered for it
    bookings: Sequence[Known]
    deep: tuple[datetime, str]

    def backlog(self) -> int:
        """How many jobs are due or under way."""
        return self.database.backlog()


def open_shop(database: Database, *, bookings: int) -> Shop:
    """Make the tables and fill them; the e-mails that its bookings would cause are taken out of the queue."""
    os.environ.update(ENVIRONMENT)
    shop = asyncio.run(_open(database, bookings))
    database.forget_jobs()
    return shop


async def _open(database: Database, bookings: int) -> Shop:
    async with open_core(database.config, data_dir=database.folder, migrate=True) as core:
        _, staff_key = await core.access.create_key(Role.STAFF, label="bench")
        jobs = offered_jobs(core)
        made: list[Booking] = []
        for start in range(0, bookings, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, bookings))
            made += await asyncio.gather(*(_book(core, number, jobs) for number in numbers))
        known = await asyncio.gather(*(_bill(core, booking) for booking in made))
    oldest = sorted(made, key=lambda each: (each.created_at, each.id))[len(made) // 10]
    return Shop(database=database, staff_key=staff_key, jobs=jobs, bookings=known, deep=(oldest.created_at, oldest.id))


def offered_jobs(core: Core) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Answer some hundred different devices, each with two services that are offered for it."""
    found = []
    for device in core.catalog.devices():
        services = [service.id for service in core.catalog.services(device.id)]
        found += [(device.id, (first, second)) for first, second in pairwise(services)]
    return found[:: max(1, len(found) // 200)]


async def _book(core: Core, number: int, jobs: Sequence[tuple[str, tuple[str, ...]]]) -> Booking:
    device, services = jobs[number % len(jobs)]
    request = QuoteRequest(device_id=device, items=tuple((service, 1) for service in services))
    quote = await core.pricing.request(request, by=GUEST)
    return await core.booking.book(
        quote.id,
        customer=core.booking.contact(f"Ann Smith {number}", f"ann{number}@example.com", f"+4477009{number:05d}"),
        issue_description="The screen cracked after a fall.",
    )


async def _bill(core: Core, booking: Booking) -> Known:
    payment = Payment(
        id=PaymentId(core.ids.new("pay")),
        booking_id=booking.id,
        purpose=Purpose.BALANCE,
        amount=booking.total,
        provider="sandbox",
        created_at=core.clock.now(),
    )
    async with core.providers.storage.unit_of_work() as work:
        work.payments.add(payment)
        await work.commit()
    return Known(
        id=booking.id,
        token=core.access.token(booking.id),
        payment_id=payment.id,
        total=booking.total.amount,
        currency=booking.total.currency,
    )
