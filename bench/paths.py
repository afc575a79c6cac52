"""The measured paths of the API: how their requests are made, and how many."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count

from attrs import define, field, frozen

from bench.load import fire, request
from bench.shop import WEBHOOK_SECRET, Known, Shop
from repaircore.adapters.payments.signature import sign
from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.rooms.bookings import Sort

CREATED, OK = frozenset({201}), frozenset({200})
_URGENCIES = ("standard", "standard", "high", "urgent")
_DUPLICATES = 20  # every twentieth webhook is one that came before


@define
class Requests:
    """Makes requests that are all different from each other, and that the server can still meet."""

    shop: Shop
    _numbers: Iterator[int] = field(factory=count, init=False)
    _random: random.Random = field(factory=lambda: random.Random(5), init=False)
    _unpaid: Iterator[Known] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._unpaid = iter(self.shop.bookings)

    def quotes(self, port: int, wanted: int) -> Sequence[bytes]:
        """Two services for one device."""
        return [self._post("/v1/quotes", self._quote()) for _ in range(wanted)]

    def bookings(self, port: int, wanted: int) -> Sequence[bytes]:
        """Each of a quote of its own, asked for beforehand."""
        quotes = fire(port, self.quotes(port, wanted), expected=CREATED, keep=True).bodies
        return [self._post("/v1/bookings", self._booking(json.loads(quote)["id"])) for quote in quotes]

    def first_page(self, port: int, wanted: int) -> Sequence[bytes]:
        """The newest twenty."""
        return [self._as_staff("/v1/bookings?limit=20")] * wanted

    def deep_page(self, port: int, wanted: int) -> Sequence[bytes]:
        """Twenty from behind nine tenths of the bookings."""
        cursor = cursors.of_position(f"bookings{Sort.NEWEST_FIRST}", *self.shop.deep)
        return [self._as_staff(f"/v1/bookings?limit=20&cursor={cursor}")] * wanted

    def one(self, port: int, wanted: int) -> Sequence[bytes]:
        """Any booking, by its customer."""
        return [self._as_customer(self._random.choice(self.shop.bookings)) for _ in range(wanted)]

    def webhooks(self, port: int, wanted: int) -> Sequence[bytes]:
        """News of a payment that succeeded; every twentieth was told before."""
        made: list[bytes] = []
        for index in range(wanted):
            made.append(made[-1] if index % _DUPLICATES == _DUPLICATES - 1 else self._webhook(next(self._unpaid)))
        return made

    def _quote(self) -> object:
        device, services = self._random.choice(self.shop.jobs)
        items = [{"service_id": service, "quantity": 1} for service in services]
        return {"device_id": device, "items": items, "urgency": self._random.choice(_URGENCIES)}

    def _booking(self, quote_id: str) -> object:
        number = next(self._numbers)
        name, email, phone = f"Ann Smith {number}", f"ann{number}@example.com", f"+4477009{number % 100_000:05d}"
        return {
            "quote_id": quote_id,
            "customer": {"name": name, "email": email, "phone": phone},
            "fulfilment": "in_store",
            "issue_description": "The screen cracked after a fall, and it does not charge.",
            "notes": "Please call before noon.",
        }

    def _webhook(self, known: Known) -> bytes:
        now = datetime.now(UTC)
        number, at = next(self._numbers), now.isoformat()
        session = f"cs_{number:024x}"
        told = {
            "id": f"evt_{number:024x}",
            "type": "session.paid",
            "created_at": at,
            "session": {
                "id": session,
                "key": known.payment_id,
                "mode": "sale",
                "status": "paid",
                "amount": known.total,
                "currency": known.currency,
                "pay_url": f"http://127.0.0.1/pay/{session}",
                "created_at": at,
                "operations": [{"id": f"ch_{number:024x}", "kind": "charge", "amount": known.total, "at": at}],
            },
        }
        body = json.dumps(told).encode()
        signature = sign(body, secrets=[WEBHOOK_SECRET], at=now)
        return request("POST", "/v1/webhooks/sandbox", body=body, headers=[("Sandbox-Signature", signature)])

    def _post(self, path: str, body: object) -> bytes:
        key = ("Idempotency-Key", f"bench-{next(self._numbers)}-{self._random.getrandbits(64):016x}")
        return request("POST", path, body=json.dumps(body).encode(), headers=[key])

    def _as_staff(self, path: str) -> bytes:
        return request("GET", path, headers=[("Authorization", f"Bearer {self.shop.staff_key}")])

    def _as_customer(self, known: Known) -> bytes:
        return request("GET", f"/v1/bookings/{known.id}", headers=[("Authorization", f"Bearer {known.token}")])


@frozen(kw_only=True)
class Path:
    """One row: what is asked, and how often in one round."""

    name: str
    title: str
    make: Callable[[Requests, int, int], Sequence[bytes]]
    wanted: int
    expected: frozenset[int] = OK


PATHS = (
    Path(name="quotes", title="POST /v1/quotes", make=Requests.quotes, wanted=5000, expected=CREATED),
    Path(name="bookings", title="POST /v1/bookings", make=Requests.bookings, wanted=2000, expected=CREATED),
    Path(name="list", title="GET /v1/bookings, first page", make=Requests.first_page, wanted=3000),
    Path(name="deep", title="GET /v1/bookings, deep cursor", make=Requests.deep_page, wanted=3000),
    Path(name="one", title="GET /v1/bookings/{id}", make=Requests.one, wanted=6000),
    Path(name="webhooks", title="POST /v1/webhooks/sandbox", make=Requests.webhooks, wanted=1500),
)
