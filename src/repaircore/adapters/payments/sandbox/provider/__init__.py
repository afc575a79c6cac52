"""The far side of the sandbox: a hosted-checkout provider, as a web application of its own. It moves no money.

    POST /v1/sessions                    open a checkout (`mode` sale or authorize)
    GET  /v1/sessions/{id} · ?key=…      read one, or look it up by an idempotency key
    POST /v1/sessions/{id}/capture · /refunds · /void
    GET  /pay/{id} · POST /pay/{id}      the customer's page: a form, or JSON {"card", "challenge", "faults"}
    GET/POST/DELETE /_faults             make the next API calls misbehave

API calls carry `Authorization: Bearer <key>`; changes carry `Idempotency-Key`. Webhooks are signed, retried and unordered.
"""

from repaircore.adapters.payments.sandbox.provider.account import Account
from repaircore.adapters.payments.sandbox.provider.app import build_app
from repaircore.adapters.payments.sandbox.provider.server import SandboxServer

__all__ = ["Account", "SandboxServer", "build_app"]
