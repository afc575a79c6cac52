"""Finding bookings."""

from datetime import timedelta

from attrs import evolve

from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.ports.unit_of_work import BookingFilter, Position
from repaircore.testing.storage.harness import StorageHarness, store
from repaircore.testing.storage.values import DEVICE, NOON, a_booking

EVERYTHING = BookingFilter()


async def found(harness: StorageHarness, wanted: BookingFilter, *, newest_first: bool = True) -> list[Booking]:
    """List up to a hundred."""
    work = harness.storage.unit_of_work()
    return list(await work.bookings.find(wanted, limit=100, newest_first=newest_first))


async def pages(harness: StorageHarness, wanted: BookingFilter, *, newest_first: bool) -> list[Booking]:
    """Walk all pages of two."""
    seen: list[Booking] = []
    after = None
    work = harness.storage.unit_of_work()
    while page := await work.bookings.find(wanted, limit=2, after=after, newest_first=newest_first):
        assert len(page) <= 2
        seen += page
        assert len(seen) <= 100
        after = Position(page[-1].created_at, page[-1].id)
    return seen


class ListContract:
    """Lists of bookings."""

    async def test_lists_are_in_order(self, harness: StorageHarness) -> None:
        """Newest first, or oldest first; bookings of one moment by id."""
        late, early, twin = a_booking(1, minutes=9), a_booking(2, minutes=1), a_booking(3, minutes=9)

        await store(harness, late, early, twin)

        assert await found(harness, EVERYTHING) == [twin, late, early]
        assert await found(harness, EVERYTHING, newest_first=False) == [early, late, twin]

    async def test_pages_show_everything_once(self, harness: StorageHarness) -> None:
        """Whoever walks the pages sees each booking once and in order, though many were made in the same moment."""
        bookings = [a_booking(number, minutes=number // 3) for number in range(1, 8)]

        await store(harness, *reversed(bookings))

        assert await pages(harness, EVERYTHING, newest_first=False) == bookings
        assert await pages(harness, EVERYTHING, newest_first=True) == bookings[::-1]

    async def test_pages_keep_to_the_filter(self, harness: StorageHarness) -> None:
        """A page behind another one is filtered as that one was."""
        bookings = [
            evolve(a_booking(number, minutes=number), status=Status.CONFIRMED if number % 2 else Status.PENDING)
            for number in range(1, 8)
        ]
        wanted = BookingFilter(
            status=Status.CONFIRMED,
            created_from=NOON,
            created_until=NOON + timedelta(minutes=7),
            technician_id="tech_1",
        )

        await store(harness, *bookings)

        assert await pages(harness, wanted, newest_first=False) == [bookings[0], bookings[2], bookings[4]]
        assert await pages(harness, wanted, newest_first=True) == [bookings[4], bookings[2], bookings[0]]

    async def test_by_status(self, harness: StorageHarness) -> None:
        """Only bookings in that state."""
        pending, ready = a_booking(1), evolve(a_booking(2), status=Status.READY_FOR_PICKUP)

        await store(harness, pending, ready)

        assert await found(harness, BookingFilter(status=Status.READY_FOR_PICKUP)) == [ready]

    async def test_by_technician(self, harness: StorageHarness) -> None:
        """Only that technician's bookings."""
        mine, theirs = a_booking(1), evolve(a_booking(2), technician_id="tech_2")

        await store(harness, mine, theirs)

        assert await found(harness, BookingFilter(technician_id="tech_2")) == [theirs]

    async def test_by_time(self, harness: StorageHarness) -> None:
        """From a moment on, until just before another."""
        bookings = [a_booking(number, minutes=number) for number in range(1, 5)]
        wanted = BookingFilter(created_from=bookings[1].created_at, created_until=bookings[3].created_at)

        await store(harness, *bookings)

        assert await found(harness, wanted) == [bookings[2], bookings[1]]

    async def test_by_reference(self, harness: StorageHarness) -> None:
        """A reference is found as people write it."""
        wanted, other = a_booking(1), a_booking(2)
        await store(harness, wanted, other)

        for text in (wanted.reference, f" {wanted.reference.lower()} ", wanted.reference.replace("-", "")):
            assert await found(harness, BookingFilter(text=text)) == [wanted]

    async def test_by_email_and_phone(self, harness: StorageHarness) -> None:
        """An e-mail address or phone number is found whole, however it is spaced, and never by a part of it."""
        other = Contact(name="Al", email="al@example.com", phone="+442079460111")
        jo, al = a_booking(1), evolve(a_booking(2), customer=other)
        await store(harness, jo, al)

        assert await found(harness, BookingFilter(text="Jo@EXAMPLE.com")) == [jo]
        assert await found(harness, BookingFilter(text="+44 (20) 7946-0111")) == [al]
        assert await found(harness, BookingFilter(text="o@example.com")) == []
        assert await found(harness, BookingFilter(text="+44 20 7946")) == []

    async def test_by_words(self, harness: StorageHarness) -> None:
        """All the words must be in the customer's or the device's name, in any case; wildcards are only characters."""
        zoe = evolve(
            a_booking(2), customer=Contact(name="Zoë Łukasz 100%", email="z@example.com", phone="+15555550100")
        )
        tab = evolve(a_booking(3), device=evolve(DEVICE, name="Galaxy Tab S9"))
        await store(harness, a_booking(1), zoe, tab)

        assert await found(harness, BookingFilter(text="ŁUKASZ iphone")) == [zoe]
        assert await found(harness, BookingFilter(text="bloggs galaxy")) == [tab]
        assert await found(harness, BookingFilter(text="0%")) == [zoe]
        assert await found(harness, BookingFilter(text="blog_s")) == []
