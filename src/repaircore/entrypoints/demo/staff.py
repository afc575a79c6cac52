"""What the shop does: moves the job along, and is refused what cannot be."""

from attrs import frozen

from repaircore.entrypoints.demo.client import Client
from repaircore.entrypoints.demo.customer import Wire
from repaircore.entrypoints.demo.proof import Proof
from repaircore.entrypoints.demo.refusals import DemoFailed
from repaircore.entrypoints.demo.telling import Telling


@frozen
class Staff:
    """Somebody with an API key."""

    client: Client
    key: str
    tell: Telling
    proof: Proof

    async def move(self, booking: Wire, action: str, status: str, *, reason: str = "") -> None:
        """Make one lifecycle move. Raises DemoFailed when it leads elsewhere."""
        body = {"reason": reason} if reason else {}
        moved = await self.client.post(f"/v1/bookings/{booking['id']}/{action}", body, token=self.key)
        if moved["status"] != status:
            raise DemoFailed(f"{action}: expected the booking to be {status}, it is {moved['status']}")
        self.tell.fact(action, f"→ {status}" + (f" ({reason})" if reason else ""))
        await self.proof.customer_told()

    async def can(self, booking: Wire, action: str) -> bool:
        """Whether the business's lifecycle has this move from here."""
        seen = await self.client.get(f"/v1/bookings/{booking['id']}", token=self.key)
        return action in seen["allowed_actions"]

    async def overreach(self, booking: Wire) -> None:
        """Try a move that the lifecycle does not have; it must be refused."""
        problem = await self.client.post(f"/v1/bookings/{booking['id']}/approve", token=self.key, expect=409)
        if problem["code"] != "illegal_transition":
            raise DemoFailed(f"expected illegal_transition, the answer was {problem['code']}")
        self.tell.fact("409", f"{problem['title']} ({problem['code']})")
        self.tell.fact("from, to", f"{problem['from']}, {problem['to']}")
        self.tell.fact("allowed", ", ".join(problem["allowed"]))
