"""What the handlers share."""

from aiohttp import web
from attrs import frozen

from repaircore.adapters.payments.sandbox.provider.account import Account
from repaircore.adapters.payments.sandbox.provider.bank import Bank
from repaircore.adapters.payments.sandbox.provider.courier import Courier
from repaircore.adapters.payments.sandbox.provider.faults import FaultPlan
from repaircore.ports.clock import Clock


@frozen(kw_only=True)
class Desk:
    """One running provider."""

    account: Account
    bank: Bank
    courier: Courier
    faults: FaultPlan
    clock: Clock


DESK = web.AppKey("desk", Desk)


def hang_up(request: web.Request) -> web.Response:
    """Drop the connection in place of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
