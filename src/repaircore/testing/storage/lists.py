"""Finding bookings."""

from datetime import timedelta

from attrs import evolve

from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.ports.unit_of_work import BookingFilter, Position
from repaircore.testing.storage.harness import StorageHarness, committed, store
from repaircore.testing.storage.values import CUSTOMER, DEVICE, NOON, a_booking

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
        """An e-mail address or phone number is found whole, however it is spaced, in capitals or not, and never by a part of it."""
        other = Contact(name="Al", email="al@example.com", phone="+442079460111")
        jo, al = a_booking(1), evolve(a_booking(2), customer=other)
        await store(harness, jo, al)

        assert await found(harness, BookingFilter(text="Jo@EXAMPLE.com")) == [jo]
        assert await found(harness, BookingFilter(text="jo@example.com")) == [jo]
        assert await found(harness, BookingFilter(text="+44 (20) 7946-0111")) == [al]
        assert await found(harness, BookingFilter(text="0044 20 7946 0111")) == [al]
        assert await found(harness, BookingFilter(text="o@example.com")) == []
        assert await found(harness, BookingFilter(text="+44 20 7946")) == []

    async def test_by_words(self, harness: StorageHarness) -> None:
        """All the words must be in the customer's or the device's name, in any order and case; wildcards are nothing."""
        zoe = evolve(a_booking(2), customer=named("Zoë Łukasz 100%"))
        tab = evolve(a_booking(3), device=evolve(DEVICE, name="Galaxy Tab S9"))
        await store(harness, a_booking(1), zoe, tab)

        assert await found(harness, BookingFilter(text="iphone ŁUKASZ")) == [zoe]
        assert await found(harness, BookingFilter(text="bloggs galaxy")) == [tab]
        assert await found(harness, BookingFilter(text="100%")) == [zoe]
        assert await found(harness, BookingFilter(text="blog_s")) == []
        assert await found(harness, BookingFilter(text="%")) == []

    async def test_accents(self, harness: StorageHarness) -> None:
        """Names are found with and without their accents, and by each part of a name with a hyphen or an apostrophe."""
        zoe, umut = (
            evolve(a_booking(n), customer=named(n_)) for n, n_ in ((1, "Zoë O’Brien-Łukasz"), (2, "Umut Şahin"))
        )
        await store(harness, zoe, umut)

        for text in ("zoe lukasz", "ZOË", "brien zoe", "o'brien", "Zoe\u0308 Łuk"):
            assert await found(harness, BookingFilter(text=text)) == [zoe]
        assert await found(harness, BookingFilter(text="sahin")) == [umut]

    async def test_the_beginning_of_the_last_word(self, harness: StorageHarness) -> None:
        """The last word may be cut short, the others not, and none is found by its middle."""
        await store(harness, joan := evolve(a_booking(1), customer=named("Joan Bloggs")))

        for text, expected in (("joan blo", [joan]), ("iph", [joan]), ("j", [joan]), ("blo joan", []), ("loggs", [])):
            assert await found(harness, BookingFilter(text=text)) == expected

    async def test_words_walk_pages_in_order(self, harness: StorageHarness) -> None:
        """Whoever walks the pages of a beginning that many words have sees each booking once and in order."""
        surnames = ("Martin", "Marten", "Martinez", "Marti Martin")
        bookings = [
            evolve(a_booking(number, minutes=number // 3), customer=named(surnames[number % 4]))
            for number in range(1, 9)
        ]

        await store(harness, *reversed(bookings))

        assert await pages(harness, BookingFilter(text="iphone mart"), newest_first=False) == bookings
        assert await pages(harness, BookingFilter(text="mart"), newest_first=True) == bookings[::-1]

    async def test_words_keep_to_the_filter(self, harness: StorageHarness) -> None:
        """Words are looked for among the bookings of that state, technician and time."""
        bookings = [
            evolve(
                a_booking(number, minutes=number),
                status=Status.CONFIRMED if number % 2 else Status.PENDING,
                technician_id="tech_2" if number == 3 else "tech_1",
            )
            for number in range(1, 8)
        ]
        wanted = BookingFilter(
            text="bloggs", status=Status.CONFIRMED, technician_id="tech_1", created_until=bookings[6].created_at
        )

        await store(harness, *bookings)

        assert await pages(harness, wanted, newest_first=True) == [bookings[4], bookings[0]]

    async def test_a_customer_is_renamed(self, harness: StorageHarness) -> None:
        """A booking is found by the name that it has now, whether or not it was read before it was saved."""
        booking = a_booking(1)
        await store(harness, booking)

        for number, name in enumerate(("Al Smith", "Bo Jones"), start=1):
            before, booking = booking, evolve(booking, customer=named(name), version=booking.version + 1)
            async with committed(harness) as work:
                if number == 1:
                    await work.bookings.get(booking.id)
                work.bookings.save(booking)

            assert await found(harness, BookingFilter(text=name)) == [booking]
            assert await found(harness, BookingFilter(text=before.customer.name)) == []


def named(name: str) -> Contact:
    """A customer of that name."""
    return evolve(CUSTOMER, name=name)
