"""The business that runs this core: the few facts about it that rules and messages need."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from attrs import frozen


class Environment(StrEnum):
    """Where the core runs. Nothing that only pretends may run in production."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


@frozen(kw_only=True)
class Business:
    """`currency` is ISO 4217, `country` ISO 3166-1 alpha-2, `timezone` an IANA name, `profile` a booking lifecycle's name."""

    name: str
    currency: str
    timezone: str
    country: str
    profile: str
    environment: Environment = Environment.DEVELOPMENT
    base_url: str = "http://127.0.0.1:8080"
    phone: str = ""
    email: str = ""
    address: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone that opening hours, weekday rules and dates are meant in."""
        return ZoneInfo(self.timezone)
