"""Events, rulebooks, the inbox, API keys and kept answers."""

import asyncio
from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.domain.actors import SYSTEM, Role
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import KeyId
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope, Stage
from repaircore.ports.unit_of_work import ApiKey, InboxMessage
from repaircore.testing.storage.harness import StorageHarness, committed, refused_as
from repaircore.testing.storage.values import NOON, a_booking, a_replay, an_event

RULEBOOK = Rulebook(
    version="2026-02",
    currency="GBP",
    rules=(
        Rule(id="base", stage=Stage.BASE, action=Action.SET, value=Fraction(16500), label="Screen"),
        Rule(
            id="newer",
            stage=Stage.DEVICE_FACTOR,
            action=Action.MULTIPLY,
            value=Fraction(4, 3),
            scope=Scope(models=frozenset({"b", "a"}), year_from=2024),
        ),
    ),
    effective_from=NOON,
    validity={"": 86400},
)
KEY = ApiKey(id=KeyId("key_1"), role=Role.STAFF, key_hash="a1" * 32, created_at=NOON, label="front desk")
MESSAGE = InboxMessage(
    provider="sandbox",
    event_id="evt_1",
    headers={"x-signature": "t=1,v1=00"},
    body=b'{"a": 1.10, "b":"\xff\x00"}',
    received_at=NOON,
)


class RegisterContract:
    """What is only ever added to."""

    async def test_streams_count_from_one(self, harness: StorageHarness) -> None:
        """Each aggregate's events are numbered 1, 2, 3 … whoever appends them, at whatever moment."""

        async def append(number: int) -> None:
            async with committed(harness) as work:
                work.record(an_event(a_booking(number)), an_event(a_booking(number)))

        await asyncio.gather(*(append(1 + each % 2) for each in range(20)))

        work = harness.storage.unit_of_work()
        for number in (1, 2):
            stream = await work.events.of_aggregate(a_booking(number).id)
            assert [event.sequence for event in stream] == list(range(1, 21))

    async def test_all_streams_in_order_of_commit(self, harness: StorageHarness) -> None:
        """Whoever reads on from the last position misses nothing and sees nothing twice."""
        for number in range(1, 8):
            async with committed(harness) as work:
                work.record(an_event(a_booking(number)))

        read = list(await work.events.after(0, limit=3))
        while more := await work.events.after(read[-1].position, limit=3):
            read += more

        assert [event.aggregate_id for event in read] == [a_booking(number).id for number in range(1, 8)]

    async def test_events_come_back(self, harness: StorageHarness) -> None:
        """An event tells its name, time, actor, and everything else it said as plain data."""
        booking = a_booking()

        async with committed(harness) as work:
            work.record(an_event(booking))

        (event,) = await work.events.of_aggregate(booking.id)
        assert (event.name, event.at, event.by) == ("booking.requested", booking.created_at, SYSTEM)
        assert event.data == {
            "reference": booking.reference,
            "quote_id": booking.quote_id,
            "total": {"amount": 16500, "currency": "GBP"},
        }

    async def test_a_job_for_each_subscriber(self, harness: StorageHarness) -> None:
        """Recording an event enqueues what its subscribers asked for."""
        async with committed(harness) as work:
            work.record(an_event(a_booking(1)), an_event(a_booking(2)))

        jobs = await harness.storage.jobs.find()
        assert [(job.name, *job.payload.values()) for job in reversed(jobs)] == [
            ("mail", "bk_0001"),
            ("count", "booking.requested"),
            ("mail", "bk_0002"),
            ("count", "booking.requested"),
        ]

    async def test_rulebooks_come_back(self, harness: StorageHarness) -> None:
        """A rulebook is read exactly as published, fractions and all; listed in the order of publishing; never replaced."""
        older = evolve(RULEBOOK, version="2026-01")
        for rulebook in (RULEBOOK, older):
            async with committed(harness) as work:
                work.rulebooks.add(rulebook, at=NOON)

        async with refused_as("rulebook.version"), committed(harness) as work:
            work.rulebooks.add(evolve(RULEBOOK, currency="USD"), at=NOON)

        assert await work.rulebooks.get("2026-02") == RULEBOOK
        assert list(await work.rulebooks.all()) == [RULEBOOK, older]
        with pytest.raises(NotFound):
            await work.rulebooks.get("2027-01")

    async def test_rulebooks_are_hashed_where_they_are(self, harness: StorageHarness) -> None:
        """The hash of a stored rulebook is the hash of its content, wherever its rules were read from."""
        places = (evolve(rule, place=f'prices "old\\".csv:{line}') for line, rule in enumerate(RULEBOOK.rules))
        async with committed(harness) as work:
            work.rulebooks.add(evolve(RULEBOOK, rules=tuple(places)), at=NOON)

        assert await work.rulebooks.content_hash("2026-02") == content_hash(RULEBOOK)
        with pytest.raises(NotFound):
            await work.rulebooks.content_hash("2027-01")

    async def test_webhooks_are_kept_once(self, harness: StorageHarness) -> None:
        """A webhook is kept byte for byte; a duplicate is refused; another provider may use the same event id."""
        other = evolve(MESSAGE, provider="other")
        for message in (MESSAGE, other):
            async with committed(harness) as work:
                work.inbox.add(message)

        async with refused_as("inbox.event"), committed(harness) as work:
            work.inbox.add(evolve(MESSAGE, body=b"changed"))

        assert await work.inbox.get("sandbox", "evt_1") == MESSAGE
        assert await work.inbox.get("other", "evt_1") == other
        with pytest.raises(NotFound):
            await work.inbox.get("sandbox", "evt_2")

    async def test_api_keys(self, harness: StorageHarness) -> None:
        """A key is found by its hash, is unique by it, and stays on the list after it was revoked."""
        later = evolve(KEY, id=KeyId("key_0"), key_hash="b2" * 32, created_at=NOON + timedelta(seconds=1))
        async with committed(harness) as work:
            work.api_keys.add(later)
            work.api_keys.add(KEY)

        async with refused_as("api_key.hash"), committed(harness) as work:
            work.api_keys.add(evolve(KEY, id=KeyId("key_3")))
        async with committed(harness) as work:
            await work.api_keys.revoke(KEY.id, at=NOON)

        revoked = evolve(KEY, revoked_at=NOON)
        assert await work.api_keys.by_hash(KEY.key_hash) == revoked
        assert await work.api_keys.by_hash("c3" * 32) is None
        assert list(await work.api_keys.all()) == [revoked, later]
        with pytest.raises(NotFound):
            await work.api_keys.revoke(KeyId("key_9"), at=NOON)

    async def test_old_answers_are_forgotten(self, harness: StorageHarness) -> None:
        """Pruning forgets what is older than a moment, and only that."""
        old, fresh = a_replay("old"), a_replay("fresh", minutes=1)
        async with committed(harness) as work:
            work.replays.add(old)
            work.replays.add(fresh)

        async with committed(harness) as work:
            work.replays.prune(created_before=fresh.created_at)

        assert await work.replays.get(old.scope, "old") is None
        assert await work.replays.get(fresh.scope, "fresh") == fresh

    async def test_health(self, harness: StorageHarness) -> None:
        """A database that can be read says so by not complaining."""
        assert await harness.storage.health() is None  # type: ignore[func-returns-value]
