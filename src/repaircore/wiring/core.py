"""`Core`: every use case, composed over the providers that the settings name."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from attrs import field, frozen

from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.adapters.pubsub.memory import MemoryPubSub
from repaircore.application.access.keys import Authenticate, CreateKey, ListKeys, RevokeKey
from repaircore.application.access.room import AccessRoom
from repaircore.application.access.tokens import CapabilityTokens
from repaircore.application.booking.book import BookQuote
from repaircore.application.booking.contact import ReadContact
from repaircore.application.booking.move import MoveBooking, ReassignBooking, RescheduleBooking
from repaircore.application.booking.room import BookingRoom
from repaircore.application.catalog.browse import Browse
from repaircore.application.catalog.drafting import DraftCatalogue
from repaircore.application.catalog.publishing import PublishCatalogue, TakeInFiles
from repaircore.application.catalog.room import CatalogueRoom
from repaircore.application.catalog.together import PublishTogether
from repaircore.application.notifications.alert import AlertShop
from repaircore.application.notifications.send import SendMessage
from repaircore.application.notifications.subscriptions import ALERT_SHOP, SEND_MESSAGE
from repaircore.application.operations.limiting import Limiting
from repaircore.application.operations.once import FORGET_REPLAYS, ForgetReplays, Joining, Once
from repaircore.application.operations.prune import PRUNE_JOBS, PruneJobs
from repaircore.application.operations.readiness import BreakerView, CheckReadiness
from repaircore.application.operations.room import OperationsRoom
from repaircore.application.operations.worker import FailureReport, Periodic, Worker
from repaircore.application.payments.follow import (
    APPLY_WEBHOOK,
    RECONCILE,
    ApplyWebhook,
    ReceiveWebhook,
    ReconcilePayments,
    VerifyPayment,
)
from repaircore.application.payments.gateways import Gateways
from repaircore.application.payments.room import PaymentsRoom
from repaircore.application.payments.settle import SettlePayment
from repaircore.application.payments.start import StartPayment
from repaircore.application.pricing.following import Announcing, Following
from repaircore.application.pricing.market import MEASURE_MARKET, Market, MeasureMarket
from repaircore.application.pricing.override import OverridePrice
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.application.pricing.promotions import Promotions
from repaircore.application.pricing.publish import PublishRulebook
from repaircore.application.pricing.quotes import Quoting
from repaircore.application.pricing.rollback import RollBack
from repaircore.application.pricing.rulebooks import RulebookRoom
from repaircore.application.pricing.simulate import SimulateRulebook
from repaircore.application.pricing.standing import Standings
from repaircore.domain.catalog.other import OtherDevices
from repaircore.domain.identity import BookingId
from repaircore.domain.operations.business import Business
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import JobQueue
from repaircore.ports.notifications import Mailer, Templates
from repaircore.ports.payments import PaymentGateway
from repaircore.ports.pubsub import PubSub
from repaircore.ports.unit_of_work import Storage
from repaircore.wiring.sandbox import MountedSandbox
from repaircore.wiring.texts import Texts


def _unlimited() -> Limiting:
    return Limiting(limits=MemoryLimits(SystemClock()), terms={})


@frozen(kw_only=True)
class Providers:
    """Everything outside, already made."""

    storage: Storage
    queue: JobQueue
    gateways: Mapping[str, PaymentGateway]
    default_gateway: str
    breakers: Mapping[str, BreakerView]
    mailer: Mailer
    templates: Templates
    clock: Clock
    ids: Ids
    limiting: Limiting = field(factory=_unlimited)
    pubsub: PubSub = field(factory=MemoryPubSub)
    sandbox: MountedSandbox | None = None
    texts: Texts = field(factory=Texts)


@frozen(kw_only=True)
class MarketTerms:
    """How old a snapshot of the market may be for a quote, and how often the core takes its own; None is never."""

    max_age: timedelta = timedelta(hours=24)
    measure_every: timedelta | None = None

    def periodic(self) -> tuple[Periodic, ...]:
        """Answer the job that measures, where it is wanted."""
        every = self.measure_every
        return () if every is None else (Periodic(MEASURE_MARKET, every.total_seconds()),)


USUAL_MARKET_TERMS = MarketTerms()
NO_OTHER_DEVICES = OtherDevices()


@frozen(kw_only=True)
class Core:
    """The core of one business. Its rooms are attributes; `providers` is what it was composed over."""

    business: Business
    data_dir: Path
    secrets: tuple[bytes, ...]
    catalog: Browse
    catalogues: CatalogueRoom
    pricing: Quoting
    publish: PublishRulebook
    rulebooks: RulebookRoom
    override: OverridePrice
    promotions: Promotions
    market: Market
    booking: BookingRoom
    payments: PaymentsRoom
    access: AccessRoom
    operations: OperationsRoom
    once: Once
    following: Following
    providers: Providers

    @property
    def clock(self) -> Clock:
        """The clock that everything waits on."""
        return self.providers.clock

    @property
    def ids(self) -> Ids:
        """Where identifiers come from."""
        return self.providers.ids

    @property
    def limiting(self) -> Limiting:
        """How often who may ask."""
        return self.providers.limiting

    @property
    def texts(self) -> Texts:
        """The texts that prices are explained in, by language."""
        return self.providers.texts

    async def aclose(self) -> None:
        """Let go of everything outside, the database last."""
        for gateway in self.providers.gateways.values():
            await gateway.aclose()
        await self.providers.mailer.aclose()
        await self.providers.limiting.limits.aclose()
        await self.providers.pubsub.aclose()
        await self.providers.storage.aclose()


def compose(
    business: Business,
    prices: PriceBook,
    providers: Providers,
    *,
    secrets: tuple[bytes, ...],
    data_dir: Path,
    on_failure: FailureReport,
    market_terms: MarketTerms = USUAL_MARKET_TERMS,
    other_devices: OtherDevices = NO_OTHER_DEVICES,
) -> Core:
    """Put the use cases together."""
    clock, ids, storage = providers.clock, providers.ids, providers.storage
    unit_of_work = Joining(storage.unit_of_work)
    prices.announce = Announcing(providers.pubsub)
    tokens = CapabilityTokens(secrets, clock)
    publish = PublishRulebook(unit_of_work, prices, clock)
    publish_catalogue = PublishCatalogue(unit_of_work, prices, clock)
    gateways = Gateways(providers.gateways, providers.default_gateway)
    settle = SettlePayment(unit_of_work, clock, ids)
    verify = VerifyPayment(unit_of_work, gateways, settle, clock)
    promotions = Promotions(unit_of_work, prices, clock)
    market = Market(unit_of_work, clock, ids, market_terms.max_age, prices)

    def tracking_url(booking_id: BookingId) -> str:
        return f"{business.base_url}/v1/track/{tokens.mint(booking_id)}"

    worker = Worker(
        queue=providers.queue,
        handlers={
            SEND_MESSAGE: SendMessage(
                unit_of_work, providers.mailer, providers.templates, business, tracking_url, clock
            ),
            ALERT_SHOP: AlertShop(unit_of_work, providers.mailer, providers.templates, business, prices, clock),
            APPLY_WEBHOOK: ApplyWebhook(unit_of_work, gateways, settle),
            RECONCILE: ReconcilePayments(unit_of_work, verify, clock),
            FORGET_REPLAYS: ForgetReplays(unit_of_work, clock),
            PRUNE_JOBS: PruneJobs(providers.queue, clock),
            MEASURE_MARKET: MeasureMarket(market),
        },
        unit_of_work=unit_of_work,
        clock=clock,
        ids=ids,
        periodic=(
            Periodic(RECONCILE, 60.0),
            Periodic(FORGET_REPLAYS, 3600.0),
            Periodic(PRUNE_JOBS, 3600.0),
            *market_terms.periodic(),
        ),
        on_failure=on_failure,
    )
    return Core(
        business=business,
        data_dir=data_dir,
        secrets=secrets,
        catalog=Browse(unit_of_work, prices, clock, other_devices),
        catalogues=CatalogueRoom(
            unit_of_work,
            DraftCatalogue(unit_of_work, clock, ids, prices),
            publish_catalogue,
            TakeInFiles(unit_of_work, prices, clock),
            PublishTogether(publish_catalogue, publish),
        ),
        pricing=Quoting(unit_of_work, prices, clock, ids, market, other_devices, Standings(prices)),
        override=OverridePrice(unit_of_work, prices, clock, ids),
        promotions=promotions,
        market=market,
        publish=publish,
        rulebooks=RulebookRoom(
            unit_of_work,
            prices,
            clock,
            publish,
            RollBack(unit_of_work, prices, clock),
            SimulateRulebook(unit_of_work, prices, clock),
        ),
        booking=BookingRoom(
            unit_of_work,
            request=BookQuote(unit_of_work, clock, ids, business.profile, promotions),
            move=MoveBooking(unit_of_work, clock, ids),
            reschedule=RescheduleBooking(unit_of_work, clock),
            reassign=ReassignBooking(unit_of_work, clock),
            contact=ReadContact(business.country),
        ),
        payments=PaymentsRoom(
            unit_of_work,
            start=StartPayment(unit_of_work, gateways, settle, clock, ids),
            verify=verify,
            receive_webhook=ReceiveWebhook(unit_of_work, gateways, clock),
        ),
        access=AccessRoom(
            tokens,
            Authenticate(unit_of_work, clock),
            CreateKey(unit_of_work, clock, ids),
            ListKeys(unit_of_work),
            RevokeKey(unit_of_work, clock),
        ),
        operations=OperationsRoom(
            CheckReadiness(
                storage,
                providers.queue,
                providers.breakers,
                clock,
                helpers={"rate limits": providers.limiting.limits, "messages": providers.pubsub},
            ),
            worker,
            providers.queue,
            clock,
        ),
        once=Once(storage.unit_of_work, clock),
        following=Following(providers.pubsub, prices, unit_of_work, clock),
        providers=providers,
    )
