"""A business's settings: one TOML file, and the environment for secrets (`REPAIRCORE_SECRET_KEY`, `REPAIRCORE_DATABASE_URL`, …)."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typed_settings
from attrs import field, fields, frozen, has, resolve_types
from cattrs import Converter
from typed_settings.converters import register_attrs_hook_factory, register_secret_hook
from typed_settings.exceptions import InvalidOptionsError, TsError
from typed_settings.loaders import Loader
from typed_settings.types import SecretStr

from repaircore.adapters.storage.urls import masked
from repaircore.domain.booking.lifecycle import profile
from repaircore.domain.catalog.other import OtherDevices, OtherPolicy
from repaircore.domain.errors import DomainError, NotFound, nearest
from repaircore.domain.operations.business import Business, Environment
from repaircore.wiring.environment import Variables

USUAL_ADDRESS = "http://127.0.0.1:8080"

# A type of its own, so that the loader takes a table as it is and does not look for settings classes inside it.
ProviderTables = NewType("ProviderTables", dict[str, dict[str, Any]])


def no_tables() -> ProviderTables:
    """No options for any provider."""
    return ProviderTables({})


class ConfigurationError(DomainError):
    """The settings cannot be used as they are. The text says which file, which setting, and what to do."""

    code = "invalid_configuration"


@frozen(kw_only=True)
class ContactSettings:
    """How customers reach the business."""

    email: str = ""
    phone: str = ""
    address: str = ""


# Likewise a table whose keys are the shop's own words.
CategoryPolicies = NewType("CategoryPolicies", dict[str, OtherPolicy])


def no_policies() -> CategoryPolicies:
    """No category is treated apart."""
    return CategoryPolicies({})


@frozen(kw_only=True)
class OtherDeviceSettings:
    """Devices that are not in the catalogue: refused, priced by what holds for their category, or inspected first. `policy` is
    for every category that `categories` does not name."""

    policy: OtherPolicy = OtherPolicy.REFUSE
    inspection_service: str = ""
    categories: CategoryPolicies = field(factory=no_policies)

    def decided(self) -> OtherDevices:
        """Say it in the domain's words."""
        return OtherDevices(
            usual=self.policy, by_category=dict(self.categories), inspection_service=self.inspection_service
        )


@frozen(kw_only=True)
class CatalogSettings:
    """Where the catalogue's sheets are, from the business file's folder, and what becomes of devices that are not in it."""

    folder: str = "catalog"
    other: OtherDeviceSettings = OtherDeviceSettings()


@frozen(kw_only=True)
class PricingSettings:
    """Where the rulebook is, from the business file's folder. `publish_at_start`: whoever starts the program publishes it, if
    it is a new version; otherwise only the first is, and every other one by `rulebook publish`. `texts` is the folder of the
    business's own texts of explanations, if there is one."""

    rulebook: str = "rulebook.toml"
    texts: str = "texts"
    publish_at_start: bool = True


@frozen(kw_only=True)
class MarketSettings:
    """How old a snapshot may be for a quote to use it, and how often the core counts its own bookings; 0 is never."""

    max_age_minutes: int = 24 * 60
    measure_every_minutes: int = 0


@frozen(kw_only=True)
class DatabaseSettings:
    """`sqlite:///path` (relative to the data folder), `postgresql://user@host/name` or `memory:`. `synchronous` is SQLite's: FULL
    loses nothing acknowledged. `password` is PostgreSQL's: `REPAIRCORE_DATABASE_PASSWORD`."""

    url: str = field(default="sqlite:///repaircore.db", repr=masked)
    synchronous: str = "FULL"
    password: SecretStr = field(default=SecretStr(""))


@frozen(kw_only=True)
class PaymentsSettings:
    """`provider` is the default one; `providers` holds a table of options for each provider that may be used."""

    provider: str = "sandbox"
    providers: ProviderTables = field(factory=no_tables)


@frozen(kw_only=True)
class NotificationsSettings:
    """`provider` sends the mail, from `sender`; `providers` holds its table of options; `templates` a folder of overrides."""

    provider: str = "file"
    sender: str = "repaircore <noreply@example.com>"
    templates: str = ""
    providers: ProviderTables = field(factory=no_tables)


@frozen(kw_only=True)
class ReadAllowance:
    """How many requests that change nothing are answered in so many seconds; 0 is no limit. A person who looks around asks a
    few times a minute, and a whole office may share one address."""

    address: int = 1200
    token: int = 1200
    key: int = 12_000
    seconds: int = 60


@frozen(kw_only=True)
class WriteAllowance:
    """The same for requests that change something: quotes, bookings, payments."""

    address: int = 300
    token: int = 300
    key: int = 6000
    seconds: int = 60


@frozen(kw_only=True)
class RefusedAllowance:
    """How many keys and tokens that are not genuine an address may try."""

    address: int = 60
    token: int = 0
    key: int = 0
    seconds: int = 60


Allowance = ReadAllowance | WriteAllowance | RefusedAllowance


@frozen(kw_only=True)
class LimitsSettings:
    """How often clients may ask. `provider` counts: `memory` in each process for itself, `redis` for all of them together. Only
    `trusted_proxies` are believed about where a request came from; networks that are `exempt` are counted and never refused: usually
    the machine itself, where a proxy that is not named may stand for every customer."""

    provider: str = "memory"
    providers: ProviderTables = field(factory=no_tables)
    trusted_proxies: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    read: ReadAllowance = ReadAllowance()
    write: WriteAllowance = WriteAllowance()
    refused: RefusedAllowance = RefusedAllowance()


class JobsEngine(StrEnum):
    """Who hands jobs to workers."""

    EMBEDDED = "embedded"
    PGQUEUER = "pgqueuer"
    PROCRASTINATE = "procrastinate"


@frozen(kw_only=True)
class JobsSettings:
    """`embedded` works on every database; `pgqueuer` and `procrastinate` on PostgreSQL, where their tools see what waits."""

    engine: JobsEngine = JobsEngine.EMBEDDED


@frozen(kw_only=True)
class PubSubSettings:
    """How processes tell each other that something happened: `memory`, `postgresql` or `redis`. Empty: `postgresql` where the
    database is one, else `memory`."""

    provider: str = ""
    providers: ProviderTables = field(factory=no_tables)


@frozen(kw_only=True)
class Settings:
    """Everything a business says about itself. Unknown settings are refused."""

    name: str
    profile: str
    currency: str
    country: str
    timezone: str
    locale: str = "en"
    environment: Environment = Environment.DEVELOPMENT
    base_url: str = ""  # empty: where the server listens
    secret_key: SecretStr = field(default=SecretStr(""))
    previous_secret_key: SecretStr = field(default=SecretStr(""))
    contact: ContactSettings = ContactSettings()
    catalog: CatalogSettings = CatalogSettings()
    pricing: PricingSettings = PricingSettings()
    market: MarketSettings = MarketSettings()
    database: DatabaseSettings = DatabaseSettings()
    jobs: JobsSettings = JobsSettings()
    payments: PaymentsSettings = PaymentsSettings()
    notifications: NotificationsSettings = NotificationsSettings()
    limits: LimitsSettings = LimitsSettings()
    pubsub: PubSubSettings = PubSubSettings()

    def business(self, *, base_url: str = "") -> Business:
        """The facts that rules and messages need; `base_url` stands in where none is configured."""
        return Business(
            name=self.name,
            currency=self.currency,
            timezone=self.timezone,
            country=self.country,
            profile=self.profile,
            environment=self.environment,
            base_url=(self.base_url or base_url or USUAL_ADDRESS).rstrip("/"),
            phone=self.contact.phone,
            email=self.contact.email,
            address=self.contact.address,
        )


def load_settings(path: Path) -> Settings:
    """Read and check the business file. Raises ConfigurationError with what is wrong and what to do."""
    if not path.is_file():
        raise ConfigurationError(f"there is no business file {path}: pass --config FILE or set REPAIRCORE_CONFIG")
    loaders: list[Loader] = [
        typed_settings.FileLoader({"*.toml": typed_settings.TomlFormat(section=None)}, files=[path]),
        Variables("REPAIRCORE_"),
    ]
    try:
        settings = typed_settings.load_settings(Settings, loaders, converter=_converter())
    except InvalidOptionsError as error:
        raise ConfigurationError(_unknown(path, str(error))) from None
    except ExceptionGroup as error:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in _wrong_values(error))) from None
    except (TsError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    _check(path, settings)
    return settings


def _converter() -> Converter:
    """The loader's own one also imports every settings library that happens to be installed."""
    converter = Converter(use_alias=True)
    register_attrs_hook_factory(converter)
    register_secret_hook(converter)
    return converter


def _check(path: Path, settings: Settings) -> None:
    try:
        profile(settings.profile)
        ZoneInfo(settings.timezone)
    except NotFound as error:
        raise ConfigurationError(f"{path}: profile: {error}") from None
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(f"{path}: timezone: {settings.timezone!r} is not an IANA time zone") from None
    if settings.market.max_age_minutes < 0 or settings.market.measure_every_minutes < 0:
        raise ConfigurationError(f"{path}: market: minutes must not be below zero")
    if settings.environment is Environment.PRODUCTION and len(settings.secret_key) < 32:
        raise ConfigurationError(
            f"{path}: environment is production: set REPAIRCORE_SECRET_KEY to at least 32 random characters"
        )


def _unknown(path: Path, message: str) -> str:
    names = re.split(r",\s*", message.rpartition(": ")[2])
    known = tuple(_names(Settings))
    return "\n".join(f"{path}: {_unknown_name(name, known)}" for name in names)


def _unknown_name(name: str, known: tuple[str, ...]) -> str:
    if name in known:
        return f"{name} is a table of settings: write [{name}]"
    hint = nearest(name, known)
    return f"there is no setting {name!r}" + (f"; did you mean {hint!r}?" if hint else "")


def _names(cls: type, prefix: str = "") -> Iterator[str]:
    for attribute in fields(resolve_types(cls)):
        yield f"{prefix}{attribute.name}"
        if isinstance(attribute.type, type) and has(attribute.type):
            yield from _names(attribute.type, f"{prefix}{attribute.name}.")


def _wrong_values(error: BaseException) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _wrong_values(each)
    else:
        yield str(error)


def options(tables: Mapping[str, Mapping[str, Any]], provider: str) -> dict[str, Any]:
    """Answer the table of one provider's options."""
    return dict(tables.get(provider, {}))
