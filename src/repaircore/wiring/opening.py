"""Opening a core from its business file."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from attrs import frozen

from repaircore.application.operations.worker import FailureReport
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.other import OtherDevices, OtherPolicy
from repaircore.domain.errors import NotFound
from repaircore.domain.operations.business import Business
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.payments import PaymentGateway
from repaircore.wiring import providers as registry
from repaircore.wiring.core import Core, MarketTerms, Providers, compose
from repaircore.wiring.databases import (
    check_database,
    migrate_database,
    migrated_by_opening,
    open_storage,
    sandbox_anchor,
)
from repaircore.wiring.jobs import check_jobs, migrate_jobs, queue_of
from repaircore.wiring.limits import limiting
from repaircore.wiring.pubsub import pubsub
from repaircore.wiring.sandbox import NAME as SANDBOX
from repaircore.wiring.sandbox import mounted_sandbox, sandbox_defaults
from repaircore.wiring.secrets import root_secrets
from repaircore.wiring.settings import ConfigurationError, MarketSettings, Settings, load_settings, options
from repaircore.wiring.templates import LazyTemplates
from repaircore.wiring.texts import Texts

TroubleReport = Callable[[str, str], None]
"""Told what the core does without, and why; the empty text when it has it back."""


@frozen(kw_only=True)
class Offer:
    """What the shop's files say is for sale."""

    catalogue: Catalogue
    rulebook: Rulebook


def load_offer(settings: Settings, folder: Path) -> Offer:
    """Read and check the shop's files. Raises FileProblems or RulebookInvalid with every fault found."""
    offer = read_offer(settings, folder)
    refuse(check(offer.rulebook, offer.catalogue))
    return offer


def read_offer(settings: Settings, folder: Path) -> Offer:
    """Read the shop's files; whether the rules agree with each other is not looked at. Raises FileProblems."""
    from repaircore.adapters.catalog.files import CatalogueFiles
    from repaircore.adapters.pricing.files import RulebookFiles

    catalogue = CatalogueFiles(folder, settings.currency, settings.catalog.folder).load()
    rulebook = RulebookFiles(folder, settings.pricing.rulebook).load(catalogue)
    if rulebook.currency != settings.currency:
        raise ConfigurationError(
            f"{settings.pricing.rulebook}: currency: {rulebook.currency}, but the business is in {settings.currency}"
        )
    _check_others(settings.catalog.other.decided(), catalogue)
    return Offer(catalogue=catalogue, rulebook=rulebook)


def _check_others(other: OtherDevices, catalogue: Catalogue) -> None:
    """Refuse a decision that names what there is not."""
    for category in other.by_category.keys() - catalogue.categories.keys():
        raise ConfigurationError(
            f"catalog.other.categories: {NotFound('category', category, tuple(catalogue.categories))}"
        )
    inspects = OtherPolicy.INSPECTION in (other.usual, *other.by_category.values())
    if inspects and other.inspection_service not in catalogue.services:
        missing = NotFound("service", other.inspection_service, tuple(catalogue.services))
        raise ConfigurationError(f"catalog.other.inspection_service: {missing}")


@asynccontextmanager
async def open_core(
    config: str | Path,
    *,
    data_dir: str | Path = ".",
    clock: Clock | None = None,
    ids: Ids | None = None,
    base_url: str = "",
    migrate: bool | None = None,
    publish: bool = True,
    on_failure: FailureReport = lambda job, error, dead: None,
    on_trouble: TroubleReport = lambda helper, trouble: None,
) -> AsyncIterator[Core]:
    """Open the core of a business, migrate its database, and publish its rulebook; close everything at the end.

    `migrate` says whether to migrate; without it an embedded database is, and PostgreSQL is not, because other servers use it.
    With `publish=False` its rulebook is only read and checked, and what was published before stays in force. `config` is the
    business file. `on_trouble` is told when something is lost that the core can do without, and, with the empty text, when it is
    back. `data_dir` is where relative paths of databases and message folders start. Raises ConfigurationError,
    FileProblems, RulebookInvalid, VersionTaken, or Unavailable when the database cannot be reached or is not migrated, each
    saying what to do.
    """
    from repaircore.adapters.clock.system import SystemClock
    from repaircore.adapters.ids.system import SystemIds

    path, data = Path(config), Path(data_dir)
    settings = load_settings(path)
    offer = load_offer(settings, path.parent)
    business = settings.business(base_url=base_url)
    clock, ids = clock or SystemClock(), ids or SystemIds()
    secrets = root_secrets(settings, data)
    outside = await _providers(
        settings, business, path.parent, data, secrets, on_trouble, clock=clock, ids=ids, migrate=migrate
    )
    core = compose(
        business,
        PriceBook(offer.catalogue),
        outside,
        secrets=secrets,
        data_dir=data,
        on_failure=on_failure,
        market_terms=_market_terms(settings.market),
        other_devices=settings.catalog.other.decided(),
    )
    try:
        await _publish(core, offer.rulebook, publish=publish, at_start=settings.pricing.publish_at_start)
        await core.catalogues.load(offer.catalogue, take_in=publish)
        yield core
    finally:
        await core.aclose()


async def _publish(core: Core, rulebook: Rulebook, *, publish: bool, at_start: bool) -> None:
    await core.rulebooks.load()
    if publish and (at_start or not core.rulebooks.prices.publications):
        await core.publish(rulebook)


def _market_terms(settings: MarketSettings) -> MarketTerms:
    every = settings.measure_every_minutes
    return MarketTerms(
        max_age=timedelta(minutes=settings.max_age_minutes),
        measure_every=timedelta(minutes=every) if every else None,
    )


async def _providers(
    settings: Settings,
    business: Business,
    folder: Path,
    data: Path,
    secrets: tuple[bytes, ...],
    on_trouble: TroubleReport,
    *,
    clock: Clock,
    ids: Ids,
    migrate: bool | None,
) -> Providers:
    """Make everything outside. The database comes last, so that it is not touched when anything else is wrong."""
    from repaircore.adapters.resilience.payments import resilient

    gateways = {
        name: resilient(gateway, clock=clock)
        for name, gateway in payment_gateways(settings, business, secrets, clock=clock).items()
    }
    post = mailer(settings, data, clock=clock)
    allowances = limiting(
        settings.limits,
        clock=clock,
        environment=settings.environment,
        report=lambda trouble: on_trouble("rate limits", trouble),
    )
    check_database(settings.database)
    check_jobs(settings)
    telling = pubsub(settings, clock=clock)
    sandbox = mounted_sandbox(settings, business, secrets, database=sandbox_anchor(settings.database, data))
    if migrated_by_opening(settings.database) if migrate is None else migrate:
        migrate_database(settings.database, data)
        migrate_jobs(settings)
    storage = await open_storage(settings.database, data, clock=clock, ids=ids, queue=queue_of(settings))
    return Providers(
        storage=storage,
        queue=storage.jobs,
        gateways=gateways,
        default_gateway=settings.payments.provider,
        breakers={f"payments.{name}": gateway.chain.breaker for name, gateway in gateways.items()},
        mailer=post,
        templates=LazyTemplates(
            folder / settings.notifications.templates if settings.notifications.templates else None
        ),
        clock=clock,
        ids=ids,
        limiting=allowances,
        pubsub=telling,
        sandbox=sandbox,
        texts=Texts(folder / settings.pricing.texts),
    )


def payment_gateways(
    settings: Settings, business: Business, secrets: tuple[bytes, ...], *, clock: Clock
) -> dict[str, PaymentGateway]:
    """Make every payment provider that the settings name. Raises ConfigurationError."""
    wanted = {settings.payments.provider, *settings.payments.providers}
    return {
        name: registry.build(
            "payments",
            name,
            options(settings.payments.providers, name),
            defaults=sandbox_defaults(business, secrets) if name == SANDBOX else {},
            clock=clock,
            environment=business.environment,
        )
        for name in sorted(wanted)
    }


def mailer(settings: Settings, data: Path, *, clock: Clock) -> Any:
    """Make the mailer that the settings name. Raises ConfigurationError."""
    name = settings.notifications.provider
    display, address = parseaddr(settings.notifications.sender)
    return registry.build(
        "notifications",
        name,
        options(settings.notifications.providers, name),
        defaults={"sender": {"name": display, "address": address}, "directory": str(mail_directory(data))},
        clock=clock,
        environment=settings.environment,
    )


def mail_directory(data: Path) -> Path:
    """Where messages are written when they are sent to files and nothing else is said."""
    return data / "var" / "mail"
