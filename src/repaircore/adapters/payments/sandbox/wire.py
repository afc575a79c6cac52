"""The sandbox's own shapes, as they cross the wire. Words we do not know stay words: translation decides what they mean."""

from datetime import datetime
from typing import Annotated

from attrs import field, frozen
from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]


@frozen(kw_only=True)
class WireOperation:
    """One thing that was done with a session: `authorization`, `charge`, `decline`, `refund` or `void`."""

    id: str
    kind: str
    amount: int
    at: Moment
    detail: str = ""


@frozen(kw_only=True)
class WireSession:
    """One checkout. `amount` and those of its operations are minor units of `currency`."""

    id: str
    key: str
    mode: str
    status: str
    amount: int
    currency: str
    pay_url: str
    created_at: Moment
    operations: tuple[WireOperation, ...] = ()


@frozen(kw_only=True)
class WireEvent:
    """The body of a webhook. `session` is missing in news that is not about a checkout."""

    id: str
    type: str
    created_at: Moment
    session: WireSession | None = None


@frozen(kw_only=True)
class NewSession:
    """The body that opens a checkout. `mode` is `sale` or `authorize`."""

    mode: str
    amount: int
    currency: str
    description: str = ""
    return_url: str = ""
    metadata: dict[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Amount:
    """The body of a capture or a refund, in minor units of the session's currency, which is repeated to be checked."""

    amount: int
    currency: str
