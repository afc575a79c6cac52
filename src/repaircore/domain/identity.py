"""Identifiers: prefixed, sortable, opaque. They are made by the `Ids` port; here are only their types and prefixes."""

from typing import NewType

QuoteId = NewType("QuoteId", str)
BookingId = NewType("BookingId", str)
PaymentId = NewType("PaymentId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
KeyId = NewType("KeyId", str)

QUOTE, BOOKING, PAYMENT, EVENT, JOB, KEY, ENTRY = "qt", "bk", "pay", "evt", "job", "key", "le"
