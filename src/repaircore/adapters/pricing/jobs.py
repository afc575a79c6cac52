"""Jobs from a CSV, to simulate with: one row each, streamed, so that their number does not matter."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable
from repaircore.adapters.shopfiles.streaming import CappedReport, Stream, stream_file, unwatched
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.rules import Rulebook

REQUIRED = ("device", "service")
OPTIONAL = (
    "quantity",
    "urgency",
    "fulfilment",
    "condition",
    "complexity",
    "customer_type",
    "postcode",
    "at",
)
_WORDS = (  # the column, the scope field whose words it must be one of, and what is usual
    ("urgency", "urgencies", "standard"),
    ("fulfilment", "fulfilments", "in_store"),
    ("condition", "conditions", ""),
    ("complexity", "complexities", ""),
    ("customer_type", "customer_types", ""),
)


def read_jobs(
    path: Path, catalogue: Catalogue, rulebooks: Iterable[Rulebook], zone: ZoneInfo, now: datetime
) -> Iterator[tuple[str, Facts]]:
    """Read one job after the other, each named by its line. Words are those that one of the rulebooks knows.

    Raises FileProblems with every fault: after the first one there are no more jobs, and the rest is only looked at.
    """
    report = CappedReport()
    stream = Stream.of(stream_file(path, report, unwatched), path.name, report)
    books = tuple(rulebooks)
    known = {field: frozenset(word for book in books for word in book.words(field)) for _, field, _ in _WORDS}
    jobs = _Jobs(catalogue, known, zone, now)
    for record in stream.records(required=REQUIRED, optional=OPTIONAL):
        facts = jobs.facts(record)
        if not report.findings:
            yield record.place, facts
    report.refuse()


@frozen
class _Jobs:
    catalogue: Catalogue
    known: Mapping[str, Collection[str]]
    zone: ZoneInfo
    now: datetime

    def facts(self, record: Record) -> Facts:
        """Read the job in one row."""
        words: dict[str, Any] = {
            name: record.read(name, _word(name.replace("_", " "), self.known[field]), usual)
            for name, field, usual in _WORDS
        }
        device = self._device(record.need("device", values.one_of("device", self.catalogue.devices), ""))
        service_id = record.need("service", values.one_of("service", self.catalogue.services), "")
        name = self.catalogue.services[service_id].name if service_id else ""
        item = Item(service_id=service_id, name=name, quantity=record.read("quantity", _quantity, 1))
        postcode = "".join(record.read("postcode", values.text, "").split()).upper()
        at = record.read("at", _moment, self.now).astimezone(self.zone)
        return Facts(device=device, items=(item,), local_time=at, postcode=postcode, **words)

    def _device(self, id: str) -> DeviceFacts:
        device = self.catalogue.devices.get(id)
        if device is None:
            return DeviceFacts(id="", name="", brand="", category="")
        return DeviceFacts(
            id=device.id, name=device.name, brand=device.brand, category=device.category, year=device.year
        )


def _word(kind: str, known: Collection[str]) -> Callable[[object], str]:
    """Read a word that requests may use, where there are any."""

    def none(value: object) -> str:
        raise Unreadable(f"{value!r} is not asked for: no rule looks at the {kind}")

    return values.one_of(kind, known) if known else none


def _quantity(value: object) -> int:
    written = str(value)
    if not (written.isascii() and written.isdigit() and 0 < int(written) <= 1000):
        raise Unreadable(f"{written!r} is not a number from 1 to 1000")
    return int(written)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(f"{value!r} is not a time with offset: write it like 2026-05-01T10:00:00+01:00")
    return moment
