"""Storages that lie, each about one thing, and the test that is there to catch it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from attrs import evolve

from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.adapters.storage.memory.state import State
from repaircore.adapters.storage.memory.storage import MemoryUnitOfWork
from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.receipt import rulebook_to_json
from repaircore.ports.errors import AlreadyExists, Conflict, Rejected, Unavailable
from repaircore.ports.unit_of_work import BookingFilter, Position, PriceFilter
from tests.contract.storage.bending import Lie, answering, asking, bent, ignores, says

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Listing = tuple[tuple[Any, ...], dict[str, Any]]


def changed(**changes: Any) -> Lie:
    """Answers with some fields changed."""
    return answering(lambda value: evolve(value, **changes))


def reverses(found: Any) -> Any:
    """Lists in the wrong order."""
    return list(reversed(found))


def overwrites(table: str, keyed_by: str = "id") -> Lie:
    """Stores without looking at what is there: a version guard, or a constraint, that does nothing."""

    def lie(honest: Any, storage: MemoryStorage) -> Any:
        def lying(value: Any, *rest: Any) -> None:
            key = (value.scope, value.key) if table == "replays" else getattr(value, keyed_by, "")
            unit = honest.__self__
            unit._gathered.write(lambda state: state.put(getattr(state, table), key, value))

        return lying

    return lie


def reverses_who(found: Any) -> Any:
    """Takes others for the same customer, and the customer for somebody else."""
    return [evolve(each, is_same=not each.is_same) for each in found]


def begins_again(honest: Any, storage: MemoryStorage) -> Any:
    """Answers the first page, whatever was seen."""

    async def lying(position: str, **options: Any) -> Any:
        return await honest("", **options)

    return lying


def stores_at_once(honest: Any, storage: MemoryStorage) -> Any:
    """Does not wait for the commit."""

    def lying(replay: Any) -> None:
        honest(replay)
        storage._state.replays[replay.scope, replay.key] = replay

    return lying


def rejects_what_it_stores(honest: Any, storage: MemoryStorage) -> Any:
    """Says that it refuses, and keeps half of it."""

    def lying(booking: Any, first: Any) -> None:
        storage._state.history[booking.id, first.version] = first
        raise Rejected("not that one")

    return lying


def asks_nothing(honest: Any, storage: MemoryStorage) -> Any:
    """Makes something up for what it does not have."""

    async def lying(id: Any) -> Any:
        with suppress(NotFound):
            return await honest(id)

    return lying


def lists(change: Callable[[BookingFilter, dict[str, Any]], tuple[BookingFilter, dict[str, Any]]]) -> Lie:
    """Answers another list than the one asked for."""

    def asked(wanted: BookingFilter, **options: Any) -> Listing:
        wanted, options = change(wanted, options)
        return (wanted,), options

    return asking(asked)


def forgets_twins(wanted: BookingFilter, options: dict[str, Any]) -> tuple[BookingFilter, dict[str, Any]]:
    """Takes up a page behind the moment of the last row, whatever its id."""
    after = options.get("after")
    last = "" if options["newest_first"] else "~"
    return wanted, {**options, "after": after and Position(after.at, last)}


def forgets_the_filter(wanted: BookingFilter, options: dict[str, Any]) -> tuple[BookingFilter, dict[str, Any]]:
    """Filters the first page only."""
    return (BookingFilter() if options.get("after") else wanted), options


def as_typed(change: Callable[[str], str]) -> Lie:
    """Looks for another text than the one that was typed."""
    return lists(lambda wanted, options: (evolve(wanted, text=change(wanted.text)), options))


def keeps_the_name(honest: Any, storage: MemoryStorage) -> Any:
    """Saves everything but who the customer is."""

    def lying(booking: Any, *moves: Any) -> None:
        known = storage._state.bookings[booking.id]
        honest(evolve(booking, customer=known.customer), *moves)

    return lying


def shows_everything(honest: Any, storage: MemoryStorage) -> Any:
    """Rather than nothing."""

    async def lying(wanted: BookingFilter, **options: Any) -> Any:
        return await honest(wanted, **options) or await honest(BookingFilter(), **options)

    return lying


def sends_again(honest: Any, storage: MemoryStorage) -> Any:
    """Keeps what was sent."""

    async def lying(*, now: bool = False) -> None:
        writes = list(honest.__self__._gathered.writes)
        await honest(now=now)
        honest.__self__._gathered.writes.extend(writes)

    return lying


def keeps_what_was_refused(honest: Any, storage: MemoryStorage) -> Any:
    """Tries it again with the next commit."""

    async def lying(*, now: bool = False) -> None:
        writes = list(honest.__self__._gathered.writes)
        try:
            await honest(now=now)
        except Conflict:
            honest.__self__._gathered.writes.extend(writes[:1])
            raise

    return lying


def sends_backwards(honest: Any, storage: MemoryStorage) -> Any:
    """The last write first."""

    async def lying(*, now: bool = False) -> None:
        honest.__self__._gathered.writes.reverse()
        await honest(now=now)

    return lying


def hides_refusals(honest: Any, storage: MemoryStorage) -> Any:
    """Acknowledges what was not stored."""

    async def lying(*, now: bool = False) -> None:
        with suppress(AlreadyExists):
            await honest(now=now)

    return lying


def unchecked_post(honest: Any, storage: MemoryStorage) -> Any:
    """A ledger without unique keys."""
    return lambda entry: honest(evolve(entry, key=entry.id))


def unmarked_payment(honest: Any, storage: MemoryStorage) -> Any:
    """Lets any number of payments be open."""
    return lambda payment: honest.__self__._gathered.write(lambda state: state.put(state.payments, payment.id, payment))


def renamed(honest: Any, storage: MemoryStorage) -> Any:
    """Stores the reference that was taken under another one."""
    return lambda booking, first: honest(evolve(booking, reference=booking.id), first)


class _Half(State):
    """Leaves what it did before it failed."""

    def transact(self, writes: Any) -> None:
        for write in writes:
            write(self)


class CommitsHalf(MemoryStorage):
    """All or something."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._state = _Half()


class _Kept(MemoryUnitOfWork):
    async def __aexit__(self, *error: Any) -> None:
        return None


class KeepsWhatWasLeft(MemoryStorage):
    """A unit of work that was left without a commit is not over."""

    def unit_of_work(self) -> MemoryUnitOfWork:
        return _Kept(self._state, self._around)


def unhealthy(honest: Any, storage: MemoryStorage) -> Any:
    """Complains without a reason."""

    async def lying() -> None:
        raise Unavailable("a bad day")

    return lying


def by_position(events: Any) -> Any:
    """Numbers events across all streams."""
    return [evolve(event, sequence=event.position) for event in events]


def without_body(message: Any) -> Any:
    """Keeps text instead of bytes."""
    return evolve(message, body=message.body.decode(errors="replace").encode())


unbounded = asking(lambda **options: ((), {**options, "since": EARLIEST}))
"""Any snapshot will do, however old."""


def keeps_the_last(honest: Any, storage: MemoryStorage) -> Any:
    """Writes over what was kept."""
    return lambda hash, content: honest.__self__._gathered.write(
        lambda state: state.put(state.catalogues, hash, content)
    )


def hashes_places(honest: Any, storage: MemoryStorage) -> Any:
    """Hashes all that is stored: also where the rules were read from, which is not their content."""

    async def lying(version: str) -> str:
        return sha256(rulebook_to_json(await honest.__self__.get(version)).encode()).hexdigest()

    return lying


unlimited = asking(lambda use, promotion: ((use, Promotion(code=promotion.code)), {}))
"""Counts uses and knows no limits."""

LIES: list[tuple[type[MemoryStorage], str]] = [
    (bent("quotes", "save", ignores), "test_quotes_come_back"),
    (bent("quotes", "after", begins_again), "test_quotes_in_order_of_asking"),
    (bent("bookings", "get", changed(address=None)), "test_bookings_come_back"),
    (bent("bookings", "history", answering(reverses)), "test_history_is_kept_in_order"),
    (bent("payments", "get", changed(facts=())), "test_payments_come_back"),
    (bent("quotes", "get", asks_nothing), "test_what_was_never_stored_is_not_found"),
    (bent("payments", "get", asks_nothing), "test_what_was_never_stored_is_not_found"),
    (
        bent("bookings", "get", answering(lambda booking: evolve(booking, notes=booking.notes.replace("\r", "")))),
        "test_awkward_texts_are_kept_exactly",
    ),
    (
        bent("bookings", "get", answering(lambda booking: evolve(booking, notes=booking.notes.replace("\x00", "")))),
        "test_a_nul_is_kept_or_refused",
    ),
    (bent("bookings", "add", rejects_what_it_stores), "test_a_nul_is_kept_or_refused"),
    (
        bent(
            "bookings", "get", answering(lambda each: evolve(each, slot_start=each.slot_start.replace(microsecond=0)))
        ),
        "test_moments_are_kept_to_the_microsecond",
    ),
    (bent("payments", "of_booking", answering(reverses)), "test_payments_of_a_booking"),
    (bent("payments", "open", asking(lambda **options: ((), {**options, "limit": 9}))), "test_open_payments"),
    (
        bent("ledger", "of_booking", answering(lambda entries: sorted(entries, key=lambda entry: entry.id))),
        "test_ledger_entries_come_back_in_order",
    ),
    (bent("ledger", "balances", answering(lambda sums: {**sums, ("sales", "GBP"): 0})), "test_balances_add_up"),
    (
        bent("bookings", "find", lists(lambda wanted, options: (wanted, {**options, "newest_first": True}))),
        "test_lists_are_in_order",
    ),
    (bent("bookings", "find", lists(forgets_twins)), "test_pages_show_everything_once"),
    (bent("bookings", "find", lists(forgets_the_filter)), "test_pages_keep_to_the_filter"),
    (bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, status=None), o))), "test_by_status"),
    (bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, technician_id=""), o))), "test_by_technician"),
    (bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, created_until=None), o))), "test_by_time"),
    (bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, created_from=None), o))), "test_by_time"),
    (
        bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, text=wanted.text.replace("-", "_")), o))),
        "test_by_reference",
    ),
    (bent("bookings", "find", shows_everything), "test_by_email_and_phone"),
    (bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, text=wanted.text[:4]), o))), "test_by_words"),
    (bent("bookings", "find", as_typed(lambda text: text.replace("zoe", "zo"))), "test_accents"),
    (bent("bookings", "find", as_typed(lambda text: f"{text} bloggs")), "test_the_beginning_of_the_last_word"),
    (bent("bookings", "find", lists(forgets_twins)), "test_words_walk_pages_in_order"),
    (
        bent("bookings", "find", lists(lambda wanted, o: (evolve(wanted, technician_id=""), o))),
        "test_words_keep_to_the_filter",
    ),
    (bent("bookings", "save", keeps_the_name), "test_a_customer_is_renamed"),
    (bent("replays", "add", stores_at_once), "test_nothing_shows_before_commit"),
    (KeepsWhatWasLeft, "test_leaving_discards"),
    (bent("unit", "commit", sends_again), "test_a_unit_is_empty_after_commit"),
    (bent("unit", "commit", sends_backwards), "test_adding_and_saving_in_one_unit"),
    (bent("bookings", "save", overwrites("bookings")), "test_a_stale_booking_is_refused"),
    (CommitsHalf, "test_a_stale_booking_is_refused"),
    (bent("quotes", "save", overwrites("quotes")), "test_stale_quotes_and_payments_are_refused"),
    (bent("payments", "save", overwrites("payments")), "test_stale_quotes_and_payments_are_refused"),
    (bent("bookings", "save", overwrites("bookings")), "test_saving_what_was_never_added_is_refused"),
    (bent("unit", "commit", keeps_what_was_refused), "test_a_unit_that_failed_is_empty"),
    (bent("bookings", "add", renamed), "test_a_reference_is_taken_once"),
    (CommitsHalf, "test_a_reference_is_taken_once"),
    (bent("payments", "add", unmarked_payment), "test_one_open_payment_for_each_purpose"),
    (bent("ledger", "post", unchecked_post), "test_a_fact_is_posted_once"),
    (bent("replays", "add", overwrites("replays")), "test_an_answer_is_kept_once"),
    (CommitsHalf, "test_an_answer_is_kept_once"),
    (bent("bookings", "save", overwrites("bookings")), "test_no_update_is_lost"),
    (bent("unit", "commit", hides_refusals), "test_a_failing_unit_fails_alone"),
    (CommitsHalf, "test_a_failing_unit_fails_alone"),
    (bent("storage", "aclose", says(None)), "test_a_closed_storage_takes_nothing"),
    (bent("events", "of_aggregate", answering(by_position)), "test_streams_count_from_one"),
    (
        bent("events", "after", asking(lambda position, limit: ((position + 1,), {"limit": limit}))),
        "test_all_streams_in_order_of_commit",
    ),
    (
        bent("events", "of_aggregate", answering(lambda events: [evolve(event, data={}) for event in events])),
        "test_events_come_back",
    ),
    (bent("unit", "record", asking(lambda *events: (events[:1], {}))), "test_a_job_for_each_subscriber"),
    (
        bent("rulebooks", "all", answering(lambda books: sorted(books, key=lambda book: book.version))),
        "test_rulebooks_come_back",
    ),
    (bent("rulebooks", "content_hash", hashes_places), "test_rulebooks_are_hashed_where_they_are"),
    (bent("rulebooks", "publications", answering(reverses)), "test_publications_come_back_in_order"),
    (bent("rulebooks", "publish", overwrites("publications", "number")), "test_a_number_is_published_once"),
    (bent("rulebooks", "draft", changed(uploaded_by="")), "test_drafts_come_back"),
    (bent("catalogues", "versions", answering(reverses)), "test_catalogue_versions_come_back_in_order"),
    (
        bent("catalogues", "publish", overwrites("catalogue_versions", "number")),
        "test_a_catalogue_number_is_taken_once",
    ),
    (CommitsHalf, "test_a_catalogue_number_is_taken_once"),
    (bent("catalogues", "keep", keeps_the_last), "test_contents_are_kept_by_their_hash"),
    (bent("catalogues", "draft", changed(batch="")), "test_catalogue_drafts_come_back"),
    (
        bent("catalogues", "prices", asking(lambda wanted, **page: ((PriceFilter(),), page))),
        "test_the_history_of_prices",
    ),
    (bent("market", "get", changed(note="")), "test_snapshots_come_back"),
    (bent("market", "newest", unbounded), "test_the_newest_snapshot"),
    (bent("market", "find", answering(reverses)), "test_pages_of_snapshots"),
    (bent("promotions", "count", asking(lambda code, *_: ((code,), {}))), "test_uses_are_counted"),
    (bent("promotions", "use", unlimited), "test_never_more_uses_than_the_limit"),
    (CommitsHalf, "test_never_more_uses_than_the_limit"),
    (bent("promotions", "use", unlimited), "test_never_more_uses_than_a_customer_may"),
    (bent("promotions", "give_back", ignores), "test_a_use_is_given_back"),
    (bent("bookings", "count_by_status", says({})), "test_bookings_by_status"),
    (bent("bookings", "of_customer", answering(reverses_who)), "test_orders_of_a_customer"),
    (bent("inbox", "get", answering(without_body)), "test_webhooks_are_kept_once"),
    (bent("api_keys", "revoke", says(None)), "test_api_keys"),
    (
        bent(
            "replays", "prune", asking(lambda created_before: ((), {"created_before": created_before + timedelta(1)}))
        ),
        "test_old_answers_are_forgotten",
    ),
    (bent("storage", "health", unhealthy), "test_health"),
]
