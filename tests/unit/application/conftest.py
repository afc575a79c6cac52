"""A whole core over memory adapters, with a clock and a customer that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen

from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.notifications import templates
from repaircore.adapters.notifications.memory import MemoryMailer
from repaircore.adapters.notifications.memory import Settings as MailSettings
from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.application.notifications.subscriptions import subscriptions
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.booking import Booking
from repaircore.domain.operations.business import Business, Environment
from repaircore.domain.payments.payment import Payment, Purpose
from repaircore.ports.jobs import Job
from repaircore.wiring.core import Core, Providers, compose

EXAMPLE = Path(__file__).parents[3] / "examples" / "revivatech"
STAFF = Actor(Role.STAFF, "key_staff")
CUSTOMER = Actor(Role.CUSTOMER, "cus_ann")


@define
class Failures:
    """What the worker reported."""

    seen: list[tuple[str, str, bool]]

    def __call__(self, job: Job, error: Exception, dead: bool) -> None:
        self.seen.append((job.name, type(error).__name__, dead))


@frozen
class Shop:
    """The core, and the outside that a test plays."""

    core: Core
    clock: ManualClock
    gateway: MemoryGateway
    mailer: MemoryMailer
    storage: MemoryStorage
    failures: Failures
    delivered: list[Any] = field(factory=list)

    async def booked(self, urgency: str = "urgent") -> Booking:
        """An iPhone screen, booked: GBP 248.00 of which 62.00 deposit when urgent, GBP 165.00 without one when standard."""
        quote = await self.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency=urgency)
        ann = self.core.booking.contact("Ann Smith", "ann@example.com", "020 7946 0123")
        return await self.core.booking.book(
            quote.id, customer=ann, issue_description="The screen is cracked from a fall"
        )

    async def deliver(self) -> list[bool]:
        """The provider sends every webhook it has not sent yet."""
        fresh = self.gateway.webhooks[len(self.delivered) :]
        self.delivered.extend(fresh)
        return [await self.core.payments.receive_webhook("memory", *webhook) for webhook in fresh]

    async def paid(self, booking: Booking, purpose: Purpose) -> Payment:
        """The customer pays, and the provider's webhook is worked off."""
        payment = await self.core.payments.start(booking.id, purpose, by=CUSTOMER)
        self.gateway.approve(payment.provider_reference)
        await self.deliver()
        await self.core.operations.worker.drain()
        return await self.core.payments.get(payment.id)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The example shop, in memory, on a Monday morning."""
    clock, ids, failures = ManualClock(), PredictableIds(), Failures([])
    storage = MemoryStorage(clock=clock, ids=ids, subscriptions=subscriptions)
    gateway, mailer = MemoryGateway(clock=clock), MemoryMailer(MailSettings(), clock)
    catalogue = CatalogueFiles(EXAMPLE, "GBP").load()
    providers = Providers(
        storage=storage,
        queue=storage.jobs,
        gateways={"memory": gateway},
        default_gateway="memory",
        breakers={},
        mailer=mailer,
        templates=templates.build(),
        clock=clock,
        ids=ids,
    )
    business = Business(
        name="RevivaTech",
        currency="GBP",
        timezone="Europe/London",
        country="GB",
        profile="repair-bench",
        environment=Environment.TEST,
    )
    core = compose(
        business, PriceBook(catalogue), providers, secrets=(b"s" * 32,), data_dir=tmp_path, on_failure=failures
    )
    await core.publish(RulebookFiles(EXAMPLE).load(catalogue))
    yield Shop(core, clock, gateway, mailer, storage, failures)
    await core.aclose()
