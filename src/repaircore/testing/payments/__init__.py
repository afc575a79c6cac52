"""What every payments adapter must do, judged by what the far side really did.

Subclass `PaymentGatewayContract` in your tests, name the adapter and its capabilities, and give it a `harness` fixture, fresh for each
test. What the adapter claims is tried; for what it lacks it must raise Unsupported and do nothing.

    class TestAcme(PaymentGatewayContract):
        adapter = "acme"
        capabilities = frozenset({Capability.SALE, Capability.REFUND})

        @pytest.fixture
        async def harness(self) -> AsyncIterator[AcmeHarness]: ...
"""

from repaircore.testing.payments.checkout import CheckoutContract
from repaircore.testing.payments.failures import FailureContract
from repaircore.testing.payments.harness import Delivery, FarPayment, PaymentHarness, Signer
from repaircore.testing.payments.refunds import RefundContract
from repaircore.testing.payments.reservations import ReservationContract
from repaircore.testing.payments.webhooks import WebhookContract

__all__ = ["Delivery", "FarPayment", "PaymentGatewayContract", "PaymentHarness", "Signer"]


class PaymentGatewayContract(CheckoutContract, ReservationContract, RefundContract, FailureContract, WebhookContract):
    """The promises of `ports.payments.PaymentGateway`."""
