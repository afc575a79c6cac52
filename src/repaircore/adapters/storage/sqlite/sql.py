"""SQLite's SQL, compiled from `storage/statements.py`: run that module to write this one anew, never edit it."""
# ruff: noqa: E501

from typing import Final

SQL: Final[dict[str, str]] = {
    # id, status, facts, priced, rulebook_version, engine_version, receipt_hash, created_at, valid_until, booking_id, accepted_at, version
    "quote_add": "INSERT INTO quotes (id, status, facts, priced, rulebook_version, engine_version, receipt_hash, created_at, valid_until, booking_id, accepted_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # status, rulebook_version, engine_version, receipt_hash, created_at, valid_until, booking_id, accepted_at, version, of_id, read_version
    "quote_save": "UPDATE quotes SET status=?, rulebook_version=?, engine_version=?, receipt_hash=?, created_at=?, valid_until=?, booking_id=?, accepted_at=?, version=? WHERE quotes.id = ? AND quotes.version = ?",
    # id
    "quote": "SELECT quotes.id, quotes.status, quotes.facts, quotes.priced, quotes.rulebook_version, quotes.engine_version, quotes.receipt_hash, quotes.created_at, quotes.valid_until, quotes.booking_id, quotes.accepted_at, quotes.version FROM quotes WHERE quotes.id = ?",
    # above, limit
    "quotes_oldest": "SELECT quotes.id, quotes.status, quotes.facts, quotes.priced, quotes.rulebook_version, quotes.engine_version, quotes.receipt_hash, quotes.created_at, quotes.valid_until, quotes.booking_id, quotes.accepted_at, quotes.version FROM quotes WHERE quotes.id > ? ORDER BY quotes.id LIMIT ?",
    # below, limit
    "quotes_newest": "SELECT quotes.id, quotes.status, quotes.facts, quotes.priced, quotes.rulebook_version, quotes.engine_version, quotes.receipt_hash, quotes.created_at, quotes.valid_until, quotes.booking_id, quotes.accepted_at, quotes.version FROM quotes WHERE quotes.id < ? ORDER BY quotes.id DESC LIMIT ?",
    # id, reference, profile, status, quote_id, receipt_hash, currency, total, deposit, paid, priced, device, customer_name, customer_email, customer_phone, fulfilment, address, issue_description, notes, slot_start, technician_id, search, created_at, updated_at, version
    "booking_add": "INSERT INTO bookings (id, reference, profile, status, quote_id, receipt_hash, currency, total, deposit, paid, priced, device, customer_name, customer_email, customer_phone, fulfilment, address, issue_description, notes, slot_start, technician_id, search, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # reference, profile, status, quote_id, receipt_hash, currency, total, deposit, paid, priced, device, customer_name, customer_email, customer_phone, fulfilment, address, issue_description, notes, slot_start, technician_id, search, created_at, updated_at, version, of_id, read_version
    "booking_save": "UPDATE bookings SET reference=?, profile=?, status=?, quote_id=?, receipt_hash=?, currency=?, total=?, deposit=?, paid=?, priced=?, device=?, customer_name=?, customer_email=?, customer_phone=?, fulfilment=?, address=?, issue_description=?, notes=?, slot_start=?, technician_id=?, search=?, created_at=?, updated_at=?, version=? WHERE bookings.id = ? AND bookings.version = ?",
    # id
    "booking": "SELECT bookings.id, bookings.reference, bookings.profile, bookings.status, bookings.quote_id, bookings.receipt_hash, bookings.currency, bookings.total, bookings.deposit, bookings.paid, bookings.priced, bookings.device, bookings.customer_name, bookings.customer_email, bookings.customer_phone, bookings.fulfilment, bookings.address, bookings.issue_description, bookings.notes, bookings.slot_start, bookings.technician_id, bookings.search, bookings.created_at, bookings.updated_at, bookings.version FROM bookings WHERE bookings.id = ?",
    # booking_id, version, action, from_status, to_status, actor_role, actor_id, reason, at
    "history_add": "INSERT INTO booking_history (booking_id, version, action, from_status, to_status, actor_role, actor_id, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # id
    "history": "SELECT booking_history.booking_id, booking_history.version, booking_history.action, booking_history.from_status, booking_history.to_status, booking_history.actor_role, booking_history.actor_id, booking_history.reason, booking_history.at FROM booking_history WHERE booking_history.booking_id = ? ORDER BY booking_history.version",
    # id, booking_id, purpose, currency, amount, provider, status, open, created_at, return_url, facts, provider_reference, next_action, version
    "payment_add": "INSERT INTO payments (id, booking_id, purpose, currency, amount, provider, status, open, created_at, return_url, facts, provider_reference, next_action, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # booking_id, purpose, currency, amount, provider, status, open, created_at, return_url, facts, provider_reference, next_action, version, of_id, read_version
    "payment_save": "UPDATE payments SET booking_id=?, purpose=?, currency=?, amount=?, provider=?, status=?, open=?, created_at=?, return_url=?, facts=?, provider_reference=?, next_action=?, version=? WHERE payments.id = ? AND payments.version = ?",
    # id
    "payment": "SELECT payments.id, payments.booking_id, payments.purpose, payments.currency, payments.amount, payments.provider, payments.status, payments.open, payments.created_at, payments.return_url, payments.facts, payments.provider_reference, payments.next_action, payments.version FROM payments WHERE payments.id = ?",
    # booking_id
    "payments_of_booking": "SELECT payments.id, payments.booking_id, payments.purpose, payments.currency, payments.amount, payments.provider, payments.status, payments.open, payments.created_at, payments.return_url, payments.facts, payments.provider_reference, payments.next_action, payments.version FROM payments WHERE payments.booking_id = ? ORDER BY payments.created_at, payments.id",
    # created_before, limit
    "payments_open": "SELECT payments.id, payments.booking_id, payments.purpose, payments.currency, payments.amount, payments.provider, payments.status, payments.open, payments.created_at, payments.return_url, payments.facts, payments.provider_reference, payments.next_action, payments.version FROM payments WHERE open = 1 AND payments.created_at < ? ORDER BY payments.created_at, payments.id LIMIT ?",
    # id, key, booking_id, memo, at
    "entry_add": 'INSERT INTO ledger_entries (id, "key", booking_id, memo, at) VALUES (?, ?, ?, ?, ?)',
    # entry_id, number, account, currency, amount
    "posting_add": "INSERT INTO ledger_postings (entry_id, number, account, currency, amount) VALUES (?, ?, ?, ?, ?)",
    # booking_id
    "entries_of_booking": 'SELECT ledger_entries.id, ledger_entries."key", ledger_entries.booking_id, ledger_entries.memo, ledger_entries.at, ledger_postings.account, ledger_postings.currency, ledger_postings.amount FROM ledger_entries JOIN ledger_postings ON ledger_entries.id = ledger_postings.entry_id WHERE ledger_entries.booking_id = ? ORDER BY ledger_entries.position, ledger_postings.number',
    # no parameters
    "balances": "SELECT ledger_postings.account, ledger_postings.currency, CAST(sum(ledger_postings.amount) AS BIGINT) AS sum_1 FROM ledger_postings GROUP BY ledger_postings.account, ledger_postings.currency",
    # above, above_id, below, below_id, limit
    "bookings_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # above, above_id, below, below_id, limit
    "bookings_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # reference, above, above_id, below, below_id, limit
    "bookings_reference_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # reference, above, above_id, below, below_id, limit
    "bookings_reference_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # customer_email, above, above_id, below, below_id, limit
    "bookings_customer_email_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # customer_email, above, above_id, below, below_id, limit
    "bookings_customer_email_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # customer_phone, above, above_id, below, below_id, limit
    "bookings_customer_phone_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # customer_phone, above, above_id, below, below_id, limit
    "bookings_customer_phone_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # words, above, above_id, below, below_id, limit
    "bookings_words_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # words, above, above_id, below, below_id, limit
    "bookings_words_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # technician_id, above, above_id, below, below_id, limit
    "bookings_technician_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # technician_id, above, above_id, below, below_id, limit
    "bookings_technician_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # technician_id, reference, above, above_id, below, below_id, limit
    "bookings_technician_reference_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # technician_id, reference, above, above_id, below, below_id, limit
    "bookings_technician_reference_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # technician_id, customer_email, above, above_id, below, below_id, limit
    "bookings_technician_customer_email_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # technician_id, customer_email, above, above_id, below, below_id, limit
    "bookings_technician_customer_email_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # technician_id, customer_phone, above, above_id, below, below_id, limit
    "bookings_technician_customer_phone_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # technician_id, customer_phone, above, above_id, below, below_id, limit
    "bookings_technician_customer_phone_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # technician_id, words, above, above_id, below, below_id, limit
    "bookings_technician_words_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # technician_id, words, above, above_id, below, below_id, limit
    "bookings_technician_words_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.technician_id = ? AND b.technician_id <> '' AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, above, above_id, below, below_id, limit
    "bookings_status_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, above, above_id, below, below_id, limit
    "bookings_status_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, reference, above, above_id, below, below_id, limit
    "bookings_status_reference_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, reference, above, above_id, below, below_id, limit
    "bookings_status_reference_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, customer_email, above, above_id, below, below_id, limit
    "bookings_status_customer_email_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, customer_email, above, above_id, below, below_id, limit
    "bookings_status_customer_email_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, customer_phone, above, above_id, below, below_id, limit
    "bookings_status_customer_phone_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, customer_phone, above, above_id, below, below_id, limit
    "bookings_status_customer_phone_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, words, above, above_id, below, below_id, limit
    "bookings_status_words_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, words, above, above_id, below, below_id, limit
    "bookings_status_words_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, technician_id, above, above_id, below, below_id, limit
    "bookings_status_technician_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, technician_id, above, above_id, below, below_id, limit
    "bookings_status_technician_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, technician_id, reference, above, above_id, below, below_id, limit
    "bookings_status_technician_reference_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, technician_id, reference, above, above_id, below, below_id, limit
    "bookings_status_technician_reference_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.reference = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, technician_id, customer_email, above, above_id, below, below_id, limit
    "bookings_status_technician_customer_email_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, technician_id, customer_email, above, above_id, below, below_id, limit
    "bookings_status_technician_customer_email_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.customer_email = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, technician_id, customer_phone, above, above_id, below, below_id, limit
    "bookings_status_technician_customer_phone_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, technician_id, customer_phone, above, above_id, below, below_id, limit
    "bookings_status_technician_customer_phone_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND b.customer_phone = ? AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # status, technician_id, words, above, above_id, below, below_id, limit
    "bookings_status_technician_words_newest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at DESC, b.id DESC LIMIT ?",
    # status, technician_id, words, above, above_id, below, below_id, limit
    "bookings_status_technician_words_oldest": "SELECT b.id, b.reference, b.profile, b.status, b.quote_id, b.receipt_hash, b.currency, b.total, b.deposit, b.paid, b.priced, b.device, b.customer_name, b.customer_email, b.customer_phone, b.fulfilment, b.address, b.issue_description, b.notes, b.slot_start, b.technician_id, b.search, b.created_at, b.updated_at, b.version FROM bookings AS b WHERE b.status = ? AND b.technician_id = ? AND b.technician_id <> '' AND NOT (EXISTS (SELECT 1 FROM json_each(?) AS words WHERE instr(b.search, words.value) = 0)) AND (b.created_at, b.id) > (?, ?) AND (b.created_at, b.id) < (?, ?) ORDER BY b.created_at, b.id LIMIT ?",
    # aggregate_id, stream, name, at, actor_role, actor_id, data
    "event_add": "INSERT INTO events (aggregate_id, sequence, name, at, actor_role, actor_id, data) VALUES (?, ((SELECT coalesce(max(events.sequence), 0) AS coalesce_1 FROM events WHERE events.aggregate_id = ?) + 1), ?, ?, ?, ?, ?)",
    # aggregate_id
    "events_of": "SELECT events.position, events.aggregate_id, events.sequence, events.name, events.at, events.actor_role, events.actor_id, events.data FROM events WHERE events.aggregate_id = ? ORDER BY events.sequence",
    # position, limit
    "events_after": "SELECT events.position, events.aggregate_id, events.sequence, events.name, events.at, events.actor_role, events.actor_id, events.data FROM events WHERE events.position > ? ORDER BY events.position LIMIT ?",
    # version, content, published_at
    "rulebook_add": "INSERT INTO rulebooks (version, content, published_at) VALUES (?, ?, ?)",
    # version
    "rulebook": "SELECT rulebooks.content FROM rulebooks WHERE rulebooks.version = ?",
    # no parameters
    "rulebooks": "SELECT rulebooks.content FROM rulebooks ORDER BY rulebooks.position",
    # number, version, effective_from, published_at, approver, note, rolls_back
    "publication_add": "INSERT INTO rulebook_publications (number, version, effective_from, published_at, approver, note, rolls_back) VALUES (?, ?, ?, ?, ?, ?, ?)",
    # after
    "publications": "SELECT rulebook_publications.number, rulebook_publications.version, rulebook_publications.effective_from, rulebook_publications.published_at, rulebook_publications.approver, rulebook_publications.note, rulebook_publications.rolls_back FROM rulebook_publications WHERE rulebook_publications.number > ? ORDER BY rulebook_publications.number",
    # id, content, uploaded_at, uploaded_by
    "draft_add": "INSERT INTO rulebook_drafts (id, content, uploaded_at, uploaded_by) VALUES (?, ?, ?, ?)",
    # id
    "draft": "SELECT rulebook_drafts.id, rulebook_drafts.content, rulebook_drafts.uploaded_at, rulebook_drafts.uploaded_by FROM rulebook_drafts WHERE rulebook_drafts.id = ?",
    # provider, event_id, headers, body, received_at
    "inbox_add": "INSERT INTO inbox (provider, event_id, headers, body, received_at) VALUES (?, ?, ?, ?, ?)",
    # provider, event_id
    "inbox": "SELECT inbox.position, inbox.provider, inbox.event_id, inbox.headers, inbox.body, inbox.received_at FROM inbox WHERE inbox.provider = ? AND inbox.event_id = ?",
    # id, role, key_hash, label, created_at, revoked_at
    "key_add": "INSERT INTO api_keys (id, role, key_hash, label, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?)",
    # key_hash
    "key_by_hash": "SELECT api_keys.id, api_keys.role, api_keys.key_hash, api_keys.label, api_keys.created_at, api_keys.revoked_at FROM api_keys WHERE api_keys.key_hash = ?",
    # id
    "key": "SELECT api_keys.id, api_keys.role, api_keys.key_hash, api_keys.label, api_keys.created_at, api_keys.revoked_at FROM api_keys WHERE api_keys.id = ?",
    # no parameters
    "keys": "SELECT api_keys.id, api_keys.role, api_keys.key_hash, api_keys.label, api_keys.created_at, api_keys.revoked_at FROM api_keys ORDER BY api_keys.created_at, api_keys.id",
    # revoked_at, id
    "key_revoke": "UPDATE api_keys SET revoked_at=? WHERE api_keys.id = ?",
    # scope, key, fingerprint, status, headers, body, created_at
    "replay_add": 'INSERT INTO replays (scope, "key", fingerprint, status, headers, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    # scope, key
    "replay": 'SELECT replays.scope, replays."key", replays.fingerprint, replays.status, replays.headers, replays.body, replays.created_at FROM replays WHERE replays.scope = ? AND replays."key" = ?',
    # created_before
    "replay_prune": "DELETE FROM replays WHERE replays.created_at < ?",
    # hash, content
    "catalogue_keep": "INSERT INTO catalogue_contents (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
    # hash
    "catalogue_content": "SELECT catalogue_contents.content FROM catalogue_contents WHERE catalogue_contents.hash = ?",
    # number, source, content_hash, effective_from, published_at, actor_role, actor_id, reason, batch, rolls_back
    "catalogue_publish": "INSERT INTO catalogue_versions (number, source, content_hash, effective_from, published_at, actor_role, actor_id, reason, batch, rolls_back) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # after
    "catalogue_versions": "SELECT catalogue_versions.number, catalogue_versions.source, catalogue_versions.content_hash, catalogue_versions.effective_from, catalogue_versions.published_at, catalogue_versions.actor_role, catalogue_versions.actor_id, catalogue_versions.reason, catalogue_versions.batch, catalogue_versions.rolls_back FROM catalogue_versions WHERE catalogue_versions.number > ? ORDER BY catalogue_versions.number",
    # id, base, source, content_hash, drafted_at, actor_role, actor_id, reason, batch
    "catalogue_draft_add": "INSERT INTO catalogue_drafts (id, base, source, content_hash, drafted_at, actor_role, actor_id, reason, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # id
    "catalogue_draft": "SELECT catalogue_drafts.id, catalogue_drafts.base, catalogue_drafts.source, catalogue_drafts.content_hash, catalogue_drafts.drafted_at, catalogue_drafts.actor_role, catalogue_drafts.actor_id, catalogue_drafts.reason, catalogue_drafts.batch FROM catalogue_drafts WHERE catalogue_drafts.id = ?",
    # limit
    "catalogue_drafts": "SELECT catalogue_drafts.id, catalogue_drafts.base, catalogue_drafts.source, catalogue_drafts.content_hash, catalogue_drafts.drafted_at, catalogue_drafts.actor_role, catalogue_drafts.actor_id, catalogue_drafts.reason, catalogue_drafts.batch FROM catalogue_drafts ORDER BY catalogue_drafts.drafted_at DESC, catalogue_drafts.id DESC LIMIT ?",
    # kind, subject, device, service, grade, currency, was, became, version, at, actor_role, actor_id, reason, batch
    "price_change_add": "INSERT INTO price_changes (kind, subject, device, service, grade, currency, was, became, version, at, actor_role, actor_id, reason, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    # any_device, device, any_service, service, any_subject, subject, any_batch, batch, before_position, limit
    "price_changes": "SELECT price_changes.position, price_changes.kind, price_changes.subject, price_changes.device, price_changes.service, price_changes.grade, price_changes.currency, price_changes.was, price_changes.became, price_changes.version, price_changes.at, price_changes.actor_role, price_changes.actor_id, price_changes.reason, price_changes.batch FROM price_changes WHERE (? = '' OR price_changes.device = ?) AND (? = '' OR price_changes.service = ?) AND (? = '' OR price_changes.subject = ?) AND (? = '' OR price_changes.batch = ?) AND price_changes.position < ? ORDER BY price_changes.position DESC LIMIT ?",
    # id, at, figures, source, actor_role, actor_id, note
    "market_add": "INSERT INTO market_snapshots (id, at, figures, source, actor_role, actor_id, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
    # id
    "market": "SELECT market_snapshots.id, market_snapshots.at, market_snapshots.figures, market_snapshots.source, market_snapshots.actor_role, market_snapshots.actor_id, market_snapshots.note FROM market_snapshots WHERE market_snapshots.id = ?",
    # since, until
    "market_newest": "SELECT market_snapshots.id, market_snapshots.at, market_snapshots.figures, market_snapshots.source, market_snapshots.actor_role, market_snapshots.actor_id, market_snapshots.note FROM market_snapshots WHERE market_snapshots.at >= ? AND market_snapshots.at <= ? ORDER BY market_snapshots.at DESC, market_snapshots.id DESC LIMIT 1",
    # since, until
    "market_newest_fed": "SELECT market_snapshots.id, market_snapshots.at, market_snapshots.figures, market_snapshots.source, market_snapshots.actor_role, market_snapshots.actor_id, market_snapshots.note FROM market_snapshots WHERE market_snapshots.at >= ? AND market_snapshots.at <= ? AND market_snapshots.source != 'core' ORDER BY market_snapshots.at DESC, market_snapshots.id DESC LIMIT 1",
    # below, below_id, limit
    "market_page": "SELECT market_snapshots.id, market_snapshots.at, market_snapshots.figures, market_snapshots.source, market_snapshots.actor_role, market_snapshots.actor_id, market_snapshots.note FROM market_snapshots WHERE (market_snapshots.at, market_snapshots.id) < (?, ?) ORDER BY market_snapshots.at DESC, market_snapshots.id DESC LIMIT ?",
    # code, booking_id, customer_email, customer_phone, at, uses, code, uses, each, code, email, code, phone, each
    "promotion_use": "INSERT INTO promotion_uses (code, booking_id, customer_email, customer_phone, at) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5 WHERE (? IS NULL OR (SELECT count(*) AS count_1 FROM promotion_uses WHERE promotion_uses.code = ?) < ?) AND (? IS NULL OR (SELECT count(*) AS count_2 FROM (SELECT promotion_uses.booking_id AS booking_id FROM promotion_uses WHERE promotion_uses.code = ? AND promotion_uses.customer_email = ? AND promotion_uses.customer_email != '' UNION SELECT promotion_uses.booking_id AS booking_id FROM promotion_uses WHERE promotion_uses.code = ? AND promotion_uses.customer_phone = ? AND promotion_uses.customer_phone != '') AS matching) < ?)",
    # code
    "promotion_uses": "SELECT count(*) AS count_1 FROM promotion_uses WHERE promotion_uses.code = ?",
    # code, email, code, phone
    "promotion_uses_of_customer": "SELECT count(*) AS count_1 FROM (SELECT promotion_uses.booking_id AS booking_id FROM promotion_uses WHERE promotion_uses.code = ? AND promotion_uses.customer_email = ? AND promotion_uses.customer_email != '' UNION SELECT promotion_uses.booking_id AS booking_id FROM promotion_uses WHERE promotion_uses.code = ? AND promotion_uses.customer_phone = ? AND promotion_uses.customer_phone != '') AS matching",
    # booking_id
    "promotion_give_back": "DELETE FROM promotion_uses WHERE promotion_uses.booking_id = ?",
    # no parameters
    "count_by_status": "SELECT bookings.status, count(*) AS count_1 FROM bookings GROUP BY bookings.status",
    # name, payload, state, run_at, due_at, attempts, lease, ordering_key, unique_key, last_error, created_at, finished_at
    "job_add": "INSERT INTO jobs (name, payload, state, run_at, due_at, attempts, lease, ordering_key, unique_key, last_error, created_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unique_key) WHERE unique_key <> '' DO NOTHING",
    # name, payload, state, run_at, key, due_at, attempts, lease, ordering_key, unique_key, last_error, created_at, finished_at
    "job_add_in_order": "INSERT INTO jobs (name, payload, state, run_at, due_at, attempts, lease, ordering_key, unique_key, last_error, created_at, finished_at) VALUES (?, ?, ?, ?, CASE WHEN (EXISTS (SELECT 1 FROM jobs WHERE jobs.ordering_key = ? AND ordering_key <> '' AND jobs.finished_at IS NULL)) THEN NULL ELSE ? END, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unique_key) WHERE unique_key <> '' DO NOTHING",
    # now, limit
    "jobs_due": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE jobs.due_at IS NOT NULL AND jobs.due_at <= ? ORDER BY jobs.due_at, jobs.position LIMIT ?",
    # until, positions
    "jobs_lease": "UPDATE jobs SET state='leased', due_at=?, attempts=(jobs.attempts + 1), lease=(jobs.lease + 1) WHERE jobs.position IN (SELECT value FROM json_each(?) AS anon_1)",
    # until, position, lease
    "job_extend": "UPDATE jobs SET due_at=? WHERE jobs.position = ? AND jobs.lease = ? AND jobs.state = 'leased'",
    # finished_at, leases
    "jobs_finish": "UPDATE jobs SET state='done', due_at=NULL, last_error='', finished_at=? WHERE (jobs.position, jobs.lease) IN (SELECT json_extract(anon_1.value, '$[0]') AS json_extract_1, json_extract(anon_1.value, '$[1]') AS json_extract_2 FROM json_each(?) AS anon_1) AND jobs.state = 'leased' RETURNING position, lease",
    # last_error, finished_at, position, lease
    "job_bury": "UPDATE jobs SET state='dead', due_at=NULL, last_error=?, finished_at=? WHERE jobs.position = ? AND jobs.lease = ? AND jobs.state = 'leased'",
    # run_at, due_at, last_error, position, lease
    "job_retry": "UPDATE jobs SET state='queued', run_at=?, due_at=?, last_error=? WHERE jobs.position = ? AND jobs.lease = ? AND jobs.state = 'leased'",
    # key
    "job_promote": "UPDATE jobs SET due_at=jobs.run_at WHERE jobs.position = (SELECT min(jobs.position) AS min_1 FROM jobs WHERE jobs.ordering_key = ? AND ordering_key <> '' AND jobs.finished_at IS NULL) AND jobs.state = 'queued'",
    # position
    "job": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE jobs.position = ?",
    # now, key, due_at, position
    "job_replay": "UPDATE jobs SET state='queued', run_at=?, due_at=CASE WHEN (EXISTS (SELECT 1 FROM jobs WHERE jobs.ordering_key = ? AND ordering_key <> '' AND jobs.finished_at IS NULL)) THEN NULL ELSE ? END, attempts=0, finished_at=NULL WHERE jobs.position = ? AND jobs.state = 'dead'",
    # no parameters
    "job_next_due": "SELECT min(jobs.due_at) AS min_1 FROM jobs WHERE jobs.due_at IS NOT NULL",
    # done_before, limit
    "jobs_prune": "DELETE FROM jobs WHERE jobs.position IN (SELECT jobs.position FROM jobs WHERE jobs.finished_at IS NOT NULL AND jobs.finished_at < ? AND jobs.state = 'done' LIMIT ?)",
    # limit
    "jobs": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE 1 = 1 ORDER BY jobs.position DESC LIMIT ?",
    # name, limit
    "jobs_name": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE jobs.name = ? ORDER BY jobs.position DESC LIMIT ?",
    # state, limit
    "jobs_state": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE jobs.state = ? ORDER BY jobs.position DESC LIMIT ?",
    # state, name, limit
    "jobs_state_name": "SELECT jobs.position, jobs.name, jobs.payload, jobs.state, jobs.run_at, jobs.due_at, jobs.attempts, jobs.lease, jobs.ordering_key, jobs.unique_key, jobs.last_error, jobs.created_at, jobs.finished_at FROM jobs WHERE jobs.state = ? AND jobs.name = ? ORDER BY jobs.position DESC LIMIT ?",
}
