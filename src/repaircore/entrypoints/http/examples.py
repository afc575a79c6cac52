"""Example bodies for the description, by schema. A test decodes each with its own type."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "NewQuote": {
        "device_id": "iphone-13-pro",
        "items": [{"service_id": "screen-repair", "quantity": 1}],
        "urgency": "urgent",
    },
    "Acceptance": {"receipt_hash": "5b6f1d0c9e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c"},
    "NewSnapshot": {"figures": {"queue_length": 12, "free_technicians": 2}, "note": "Counted at opening."},
    "NewImport": {
        "files": {"devices.csv": "id,brand,model,category\niphone-13-pro,Apple,iPhone 13 Pro,iphone\n"},
        "reason": "The names as the maker writes them.",
    },
    "NewPriceList": {
        "supplier": "acme",
        "csv": "supplier_part,device,service,grade,cost,date\nSCR-13P,iphone-13-pro,screen-repair,oem,54.50,2026-05-01\n",
        "reason": "The list of May.",
        "batch": "parts-2026-05",
    },
    "Approval": {"effective_from": "2030-05-02T00:00:00+01:00", "jumps_are_meant": True},
    "Return": {"reason": "The new names were wrong."},
    "NewOverride": {
        "prices": [{"line": "screen-repair", "amount": 15000}],
        "reason": "Promised on the phone.",
        "expires_at": "2030-05-02T10:00:00+01:00",
    },
    "Withdrawal": {"reason": "The customer brings it to another shop."},
    "NewBooking": {
        "quote_id": "qt_01JZ3Y8K6T4Q",
        "customer": {"name": "Ana Example", "email": "ana@example.com", "phone": "+44 20 7946 0018"},
        "fulfilment": "in_store",
        "issue_description": "The screen is cracked in the lower left corner; touch still works.",
    },
    "MoveDetails": {"reason": "The customer found the phone's old screen good enough."},
    "NewSlot": {"slot_start": "2030-05-02T10:00:00+01:00", "reason": "The customer is away on the first."},
    "NewTechnician": {"technician_id": "tech_7", "reason": "Back from holiday."},
    "NewPayment": {"purpose": "deposit", "return_url": "https://shop.example.com/thanks"},
    "NewRulebook": {
        "toml": 'version = "2026-1"\ncurrency = "GBP"\ntimezone = "Europe/London"\neffective_from = 2026-01-01\nprices = ["prices.csv"]',
        "sheets": {"prices.csv": "service,price\nscreen-repair,155\n"},
    },
    "NewPublication": {"effective_from": "2030-05-01T00:00:00+01:00", "note": "Parts are dearer"},
    "Sample": {"last": 1000},
}
