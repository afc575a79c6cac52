"""Brings news to the shop: signed, repeated with growing pauses until it is accepted, late or twice where asked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from attrs import define, field

from repaircore.adapters.payments.sandbox.provider.account import Account
from repaircore.adapters.payments.sandbox.provider.faults import PayFaults
from repaircore.adapters.payments.sandbox.provider.journal import Event
from repaircore.adapters.payments.signature import sign
from repaircore.ports.clock import Clock

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Posts a body to an address and answers the HTTP status; raises OSError or TimeoutError when nobody hears it."""

PAUSES = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)  # seconds between the attempts; then it gives up
NO_FAULTS = PayFaults()

_log = logging.getLogger(__name__)


@define
class Courier:
    """Delivers at least once, in no promised order."""

    account: Account
    clock: Clock
    post: Post
    finish: Callable[[Event], None]
    _rounds: set[asyncio.Task[None]] = field(factory=set, init=False)

    def send(self, events: Sequence[Event], faults: PayFaults = NO_FAULTS) -> None:
        """Set out with these; answers at once."""
        if not events:
            return
        if faults.drop or not self.account.webhook_url:
            for event in events:
                self.finish(event)
            return
        self._start(self._round(list(reversed(events)) if faults.reorder else list(events), faults))

    async def settle(self) -> None:
        """Come back when nothing is under way any more."""
        while self._rounds:
            await asyncio.wait(set(self._rounds))

    async def aclose(self) -> None:
        """Stop. What was not accepted is remembered as such."""
        for task in self._rounds:
            task.cancel()
        await self.settle()

    async def _round(self, events: list[Event], faults: PayFaults) -> None:
        """Try everything once in this order; whatever fails goes on alone, so that it holds up nothing."""
        if faults.delay:
            await self.clock.sleep(faults.delay)
        for event in events:
            accepted = await self._attempt(event)
            if faults.duplicate:
                accepted = await self._attempt(event) and accepted
            if accepted:
                self.finish(event)
            else:
                self._start(self._insist(event))

    async def _insist(self, event: Event) -> None:
        for pause in PAUSES:
            await self.clock.sleep(pause)
            if await self._attempt(event):
                break
        else:
            _log.warning("sandbox webhook %s was not accepted after %d attempts", event.id, len(PAUSES) + 1)
        self.finish(event)

    async def _attempt(self, event: Event) -> bool:
        body = event.body.encode()
        signature = sign(body, secrets=self.account.webhook_secrets, at=self.clock.now())
        headers = {"Content-Type": "application/json", "Sandbox-Signature": signature}
        try:
            status = await self.post(self.account.webhook_url, headers, body)
        except (OSError, TimeoutError):
            return False
        return 200 <= status < 300

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)
