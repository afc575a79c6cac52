"""Market snapshots and uses of promotion codes."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from attrs import evolve

from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId
from repaircore.domain.pricing.market import DatedSnapshot, Source
from repaircore.domain.pricing.promotions import KnownAgain, Promotion, PromotionUnusable, PromotionUse
from repaircore.ports.unit_of_work import Position
from repaircore.testing.storage.harness import StorageHarness, committed, refused_as, store
from repaircore.testing.storage.values import NOON, STAFF, a_booking, confirmed, first_entry

ANN = KnownAgain("ann@example.com", "+442079460018")
BEN = KnownAgain("ben@example.com", "+442079460019")
RACERS = 50


def a_snapshot(number: int = 1, *, minutes: int = 0, source: Source = Source.API) -> DatedSnapshot:
    """Figures, measured that many minutes past noon."""
    return DatedSnapshot(
        id=f"ms_{number:04d}",
        at=NOON + timedelta(minutes=minutes),
        figures={"queue_length": 12, "demand": -3},
        source=source,
        by=STAFF,
        note="by hand: Zoë’s count",
    )


def a_use(number: int = 1, *, code: str = "SAVE15", customer: KnownAgain = ANN) -> PromotionUse:
    """A booking was made with a code."""
    return PromotionUse(code=code, booking_id=BookingId(f"bk_{number:04d}"), customer=customer, at=NOON)


def a_stranger(number: int) -> KnownAgain:
    """Somebody nobody saw before."""
    return KnownAgain(f"guest{number}@example.com", f"+4420794601{number:02d}")


class OfferContract:
    """What prices depend on from day to day."""

    async def test_snapshots_come_back(self, harness: StorageHarness) -> None:
        """A snapshot is read exactly as it was taken, and an id is taken once."""
        snapshot = a_snapshot()
        async with committed(harness) as work:
            work.market.add(snapshot)

        async with refused_as("market_snapshot.id"), committed(harness) as work:
            work.market.add(evolve(snapshot, figures={"queue_length": 0}))

        assert await work.market.get(snapshot.id) == snapshot
        with pytest.raises(NotFound):
            await work.market.get("ms_none")

    async def test_the_newest_snapshot(self, harness: StorageHarness) -> None:
        """The newest within the bounds is found, in whatever order they came; those of the core can be left out."""
        old, fed, own = a_snapshot(1), a_snapshot(2, minutes=10), a_snapshot(3, minutes=20, source=Source.CORE)
        async with committed(harness) as work:
            for snapshot in (own, old, fed):
                work.market.add(snapshot)

        assert await work.market.newest(since=old.at, until=own.at) == own
        assert await work.market.newest(since=old.at, until=own.at - timedelta(microseconds=1)) == fed
        assert await work.market.newest(since=old.at, until=own.at, measured_by_core=False) == fed
        assert await work.market.newest(since=own.at, until=own.at, measured_by_core=False) is None
        assert await work.market.newest(since=own.at + timedelta(microseconds=1), until=own.at) is None

    async def test_pages_of_snapshots(self, harness: StorageHarness) -> None:
        """Page after page shows every snapshot once, newest first, those of one moment too."""
        taken = [a_snapshot(number, minutes=number // 3) for number in range(1, 9)]
        async with committed(harness) as work:
            for snapshot in taken:
                work.market.add(snapshot)

        seen = list(await work.market.find(limit=3))
        while page := await work.market.find(limit=3, after=Position(seen[-1].at, seen[-1].id)):
            seen += page

        assert seen == taken[::-1]

    async def test_uses_are_counted(self, harness: StorageHarness) -> None:
        """Uses are counted by code, and by customer, who is known again by e-mail or by phone; nobody is known by nothing."""
        code = Promotion(code="SAVE15")
        by_phone, nobody = KnownAgain("other@example.com", ANN.phone), KnownAgain()
        for number, customer in enumerate((ANN, by_phone, BEN, nobody), start=1):
            async with committed(harness) as work:
                work.promotions.use(a_use(number, customer=customer), code)

        assert await work.promotions.count("SAVE15") == 4
        assert await work.promotions.count("SAVE15", ANN) == 2
        assert await work.promotions.count("SAVE15", KnownAgain(email=ANN.email)) == 1
        assert await work.promotions.count("SAVE15", nobody) == 0
        assert await work.promotions.count("WELCOME20") == 0
        async with refused_as("promotion.booking"), committed(harness) as work:
            work.promotions.use(a_use(1), code)

    async def test_never_more_uses_than_the_limit(self, harness: StorageHarness) -> None:
        """Fifty try at once for seven uses: seven get one, the others are told, and what came with theirs is not stored."""

        async def race(number: int) -> bool:
            booking = a_booking(number)
            try:
                async with committed(harness) as work:
                    work.bookings.add(booking, first_entry(booking))
                    work.promotions.use(a_use(number, customer=a_stranger(number)), Promotion(code="SAVE15", uses=7))
            except PromotionUnusable:
                return False
            return True

        won = await asyncio.gather(*(race(number) for number in range(RACERS)))

        work = harness.storage.unit_of_work()
        assert sum(won) == 7
        assert await work.promotions.count("SAVE15") == 7
        assert sum((await work.bookings.count_by_status()).values()) == 7

    async def test_never_more_uses_than_a_customer_may(self, harness: StorageHarness) -> None:
        """One customer tries many times at once: the limit for each holds, and others keep theirs."""
        first_order = Promotion(code="WELCOME20", first_order=True)

        async def race(number: int) -> bool:
            customer = evolve(ANN, email=f"ann{number}@example.com") if number % 2 else evolve(ANN, phone="")
            try:
                async with committed(harness) as work:
                    work.promotions.use(a_use(number, code="WELCOME20", customer=customer), first_order)
            except PromotionUnusable:
                return False
            return True

        won = await asyncio.gather(*(race(number) for number in range(1, 21)))
        async with committed(harness) as work:
            work.promotions.use(a_use(50, code="WELCOME20", customer=BEN), first_order)

        assert 1 <= sum(won) <= 2  # by phone and by e-mail: two who have nothing in common
        assert await work.promotions.count("WELCOME20", BEN) == 1

    async def test_a_use_is_given_back(self, harness: StorageHarness) -> None:
        """A booking's uses are forgotten, its own alone; somebody else can have them."""
        last = Promotion(code="SAVE15", uses=2)
        for number in (1, 2):
            async with committed(harness) as work:
                work.promotions.use(a_use(number, customer=a_stranger(number)), last)

        async with committed(harness) as work:
            work.promotions.give_back(a_use(1).booking_id)
            work.promotions.use(a_use(3, customer=BEN), last)

        assert await work.promotions.count("SAVE15", a_stranger(1)) == 0
        assert await work.promotions.count("SAVE15") == 2

    async def test_bookings_by_status(self, harness: StorageHarness) -> None:
        """Bookings are counted by the status they are in now."""
        bookings = [a_booking(number) for number in (1, 2, 3)]
        await store(harness, *bookings)
        async with committed(harness) as work:
            work.bookings.save(*confirmed(bookings[0]))

        assert dict(await work.bookings.count_by_status()) == {Status.PENDING: 2, Status.CONFIRMED: 1}

    async def test_orders_of_a_customer(self, harness: StorageHarness) -> None:
        """Found by e-mail in any capitals, or by phone, by state; the same customer has both. Nobody else's are counted."""
        ann = Contact(name="Ann", email="Ann.Smith@example.com", phone="+442079460001")
        people = (
            ann,
            evolve(ann, email="ANN.smith@example.com"),
            evolve(ann, phone="+442079460002"),
            evolve(ann, email="bo@example.com"),
            Contact(name="Cy", email="cy@example.com", phone="+442079460003"),
        )
        bookings = [evolve(a_booking(number), customer=customer) for number, customer in enumerate(people, start=1)]
        bookings[1] = evolve(bookings[1], status=Status.COMPLETED)
        await store(harness, *bookings)

        found = await harness.storage.unit_of_work().bookings.of_customer("ann.smith@example.com", ann.phone)

        counted: Counter[tuple[Status, bool]] = Counter()
        for each in found:
            counted[each.status, each.is_same] += each.count
        price = bookings[0].total
        assert counted == {(Status.PENDING, True): 1, (Status.COMPLETED, True): 1, (Status.PENDING, False): 2}
        assert (sum(each.spent for each in found), {each.currency for each in found}) == (
            4 * price.amount,
            {price.currency},
        )
