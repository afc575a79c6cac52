"""Looking at a business's configuration without opening anything."""

from pathlib import Path

from repaircore.wiring.databases import check_database
from repaircore.wiring.jobs import check_jobs
from repaircore.wiring.limits import limiting
from repaircore.wiring.opening import Offer, load_offer, mailer, payment_gateways
from repaircore.wiring.pubsub import pubsub
from repaircore.wiring.settings import Settings, load_settings
from repaircore.wiring.texts import Texts


def check_business(config: Path, *, data_dir: Path) -> tuple[Settings, Offer]:
    """Read the business file and everything it names, and make its providers. Changes nothing.

    Raises ConfigurationError, FileProblems or RulebookInvalid, as opening the core would, and InvalidValue for a text of an
    explanation that cannot be filled in.
    """
    from repaircore.adapters.clock.system import SystemClock

    settings = load_settings(config)
    offer = load_offer(settings, config.parent)
    clock = SystemClock()
    payment_gateways(settings, settings.business(), (b"only for this check",), clock=clock)
    mailer(settings, data_dir, clock=clock)
    limiting(settings.limits, clock=clock, environment=settings.environment)
    check_database(settings.database)
    check_jobs(settings)
    pubsub(settings, clock=clock)
    Texts(config.parent / settings.pricing.texts).check()
    return settings, offer
