"""What must hold once the storm is over. Each law answers what breaks it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from repaircore.application.notifications.subscriptions import message_key
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.identity import BookingId
from repaircore.domain.ledger.ledger import clearing, statement
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind, PaymentStatus
from repaircore.ports.jobs import JobState
from repaircore.ports.unit_of_work import RecordedEvent

if TYPE_CHECKING:
    from tests.chaos.simulation.world import World

Law = Callable[["World"], Iterator[str]]


def nothing_wrong_was_said(world: "World") -> Iterator[str]:
    """Whoever asked again got an answer, and the right one."""
    yield from world.journal.wrong


def ledger_balances(world: "World") -> Iterator[str]:
    """Every entry adds up to nothing, and so do they all."""
    sums: Counter[str] = Counter()
    for entry in world.storage.state.entries.values():
        for posting in entry.postings:
            sums[posting.amount.currency] += posting.amount.amount
    yield from (f"the ledger is off by {amount} {currency}" for currency, amount in sums.items() if amount)


def payments_are_the_ledger(world: "World") -> Iterator[str]:
    """What payments add up to is what the ledger says was paid, and what the booking says."""
    state = world.storage.state
    for booking in state.bookings.values():
        currency = booking.total.currency
        payments = (each.captured for each in state.payments.values() if each.booking_id == booking.id)
        captured = Money.total(payments, currency)
        entries = [each for each in state.entries.values() if each.booking_id == booking.id]
        said = statement(BookingId(booking.id), entries, currency).paid
        if not captured == said == booking.paid:
            yield f"{booking.id}: payments say {captured}, the ledger {said}, the booking {booking.paid}"


def provider_agrees(world: "World") -> Iterator[str]:
    """Every payment there is an intent of ours, none was written off, and the money there is the money here."""
    state, total = world.storage.state, 0
    for held in world.gateway.payments.values():
        payment, captured = state.payments.get(held.order.key), held.sum(FactKind.CAPTURED).amount
        total += captured
        if payment is None:
            yield f"{held.order.key}: the provider knows it, nobody here does"
        elif payment.status is PaymentStatus.CANCELLED:
            yield f"{payment.id} was written off, and the provider holds it"
        elif captured and payment.status is not PaymentStatus.SUCCEEDED:
            yield f"{payment.id} was paid, and is {payment.status} here"
    postings = (posting for entry in state.entries.values() for posting in entry.postings)
    here = sum(posting.amount.amount for posting in postings if posting.account == clearing("memory"))
    if here != total:
        yield f"the provider holds {total}, the ledger says {here}"


def confirmed_once(world: "World") -> Iterator[str]:
    """Of all who confirmed a booking one did."""
    events = world.storage.state.events.values()
    confirmed = Counter(each.aggregate_id for each in events if each.name == "booking.confirmed")
    yield from (f"{booking} was confirmed {times} times" for booking, times in confirmed.items() if times > 1)
    yield from (
        f"{times} were told that they confirmed {each}" for each, times in world.journal.raced.items() if times != 1
    )


def one_booking_of_a_quote(world: "World") -> Iterator[str]:
    """A quote becomes one booking."""
    made = Counter(booking.quote_id for booking in world.storage.state.bookings.values())
    yield from (f"{quote} became {times} bookings" for quote, times in made.items() if times > 1)


def events_have_their_jobs(world: "World") -> Iterator[str]:
    """What an event causes is enqueued with it and done, and its message arrived once."""
    state = world.storage.state
    jobs = {held.unique_key: held.job.state for held in state.jobs.values()}
    sent = Counter(message.key for message in world.mailer.sent)
    for event in state.events.values():
        wanted = world.promised.get(message_key(event))
        if wanted is None or event.name == "message.sent":
            continue
        if jobs.get(wanted) is not JobState.DONE:
            yield f"{wanted}: its job is {jobs.get(wanted, 'not there')}"
        if sent[wanted] != 1:
            yield f"{wanted}: its message arrived {sent[wanted]} times"


def acknowledged_is_there(world: "World") -> Iterator[str]:
    """Whatever anybody was told is stored."""
    state, journal = world.storage.state, world.journal
    for booking, reference in journal.booked.items():
        if booking not in state.bookings or state.bookings[booking].reference != reference:
            yield f"{booking} was acknowledged as {reference}, and is lost"
    yield from (f"{each} was acknowledged, and is lost" for each in journal.started - state.payments.keys())
    for each in journal.paid:
        if each not in state.payments or state.payments[each].status is not PaymentStatus.SUCCEEDED:
            yield f"{each} was seen to be paid, and is not"
    made = {(each.booking_id, each.action) for each in state.history.values()}
    yield from (f"{booking}: {action} was acknowledged, and is lost" for booking, action in {*journal.moved} - made)
    known = {event for _, event in state.inbox}
    yield from (f"{each} was taken in, and is lost" for each in journal.told - known)


def replay_is_state(world: "World") -> Iterator[str]:
    """Events and history, read from the beginning, come to what is stored."""
    state = world.storage.state
    for booking in state.bookings.values():
        events = [each for each in state.events.values() if each.aggregate_id == booking.id]
        if [each.sequence for each in events] != [*range(1, len(events) + 1)]:
            yield f"{booking.id}: its events have gaps"
        moves = [each for each in state.history.values() if each.booking_id == booking.id]
        if max((each.version for each in moves), default=0) > booking.version:
            yield f"{booking.id}: its history is ahead of it"
        if _status_after(events) != booking.status:
            yield f"{booking.id}: it is {booking.status}, its events come to {_status_after(events)}"
        told = Counter(each.data["action"] for each in events if "action" in each.data)
        if told != Counter(each.action for each in moves if each.action in set(Action)):
            yield f"{booking.id}: its events and its history differ"


def _status_after(events: list[RecordedEvent]) -> str:
    after = [event.data["after"] for event in events if "action" in event.data]
    return str(after[-1]) if after else "pending"


LAWS: Mapping[str, Law] = {
    law.__name__: law
    for law in (
        nothing_wrong_was_said,
        ledger_balances,
        payments_are_the_ledger,
        provider_agrees,
        confirmed_once,
        one_booking_of_a_quote,
        events_have_their_jobs,
        acknowledged_is_there,
        replay_is_state,
    )
}
