"""The payments room: what the library's user calls as `core.payments`."""

from attrs import frozen

from repaircore.application.payments.follow import ReadPayments, ReceiveWebhook, VerifyPayment
from repaircore.application.payments.start import StartPayment


@frozen
class PaymentsRoom(ReadPayments):
    """Payments: started, verified, read; webhooks received. The attributes are the use cases themselves."""

    start: StartPayment
    verify: VerifyPayment
    receive_webhook: ReceiveWebhook
