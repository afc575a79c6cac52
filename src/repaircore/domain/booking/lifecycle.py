"""The booking lifecycle: one table of states, one table of moves, and a profile per kind of business."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import evolve, field, frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import Forbidden, IllegalTransition, NotFound, ReasonRequired


class Status(StrEnum):
    """Where a booking is. Whether money came back is a payment fact, not a booking state."""

    PENDING = "pending"
    DEPOSIT_PAID = "deposit_paid"
    CONFIRMED = "confirmed"
    PICKED_UP = "picked_up"
    IN_PROGRESS = "in_progress"
    WAITING_PARTS = "waiting_parts"
    WAITING_APPROVAL = "waiting_approval"
    READY_FOR_PICKUP = "ready_for_pickup"
    OUT_FOR_DELIVERY = "out_for_delivery"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NO_SHOW = "no_show"


ENDED_UNDONE = frozenset({Status.CANCELLED, Status.REJECTED, Status.NO_SHOW})


class Action(StrEnum):
    """What somebody does to a booking; the name of the request."""

    PAY_DEPOSIT = "pay_deposit"
    CONFIRM = "confirm"
    REJECT = "reject"
    CANCEL = "cancel"
    COLLECT = "collect"
    START = "start"
    WAIT_FOR_PARTS = "wait_for_parts"
    REQUEST_APPROVAL = "request_approval"
    APPROVE = "approve"
    DECLINE = "decline"
    READY = "ready"
    DISPATCH = "dispatch"
    COMPLETE = "complete"
    NO_SHOW = "no_show"


Table = Mapping[Status, frozenset[Status]]

# Rulebook §1.2, with `no_show` for a confirmed customer who never came.
CANONICAL: Table = {
    Status.PENDING: frozenset({Status.DEPOSIT_PAID, Status.CONFIRMED, Status.REJECTED, Status.CANCELLED}),
    Status.DEPOSIT_PAID: frozenset({Status.CONFIRMED, Status.REJECTED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.IN_PROGRESS, Status.CANCELLED, Status.NO_SHOW}),
    Status.IN_PROGRESS: frozenset(
        {Status.WAITING_PARTS, Status.WAITING_APPROVAL, Status.READY_FOR_PICKUP, Status.COMPLETED, Status.CANCELLED}
    ),
    Status.WAITING_PARTS: frozenset({Status.IN_PROGRESS, Status.CANCELLED}),
    Status.WAITING_APPROVAL: frozenset({Status.IN_PROGRESS, Status.CANCELLED}),
    Status.READY_FOR_PICKUP: frozenset({Status.COMPLETED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.NO_SHOW: frozenset(),
}

_SHOP = frozenset({Role.TECHNICIAN, Role.STAFF, Role.ADMIN, Role.SYSTEM})
_OFFICE = frozenset({Role.STAFF, Role.ADMIN, Role.SYSTEM})
_ANYONE = frozenset(Role)


@frozen
class Move:
    """Where an action leads, who may do it, and whether it needs a reason. `sources` narrows where it may start."""

    target: Status
    roles: frozenset[Role]
    event: str
    needs_reason: bool = False
    sources: frozenset[Status] = frozenset()


MOVES: Mapping[Action, Move] = {
    Action.PAY_DEPOSIT: Move(Status.DEPOSIT_PAID, frozenset({Role.SYSTEM}), "booking.deposit_paid"),
    Action.CONFIRM: Move(Status.CONFIRMED, _OFFICE, "booking.confirmed"),
    Action.REJECT: Move(Status.REJECTED, _OFFICE, "booking.rejected", needs_reason=True),
    Action.CANCEL: Move(Status.CANCELLED, _ANYONE, "booking.cancelled", needs_reason=True),
    Action.COLLECT: Move(Status.PICKED_UP, _SHOP, "booking.picked_up"),
    Action.START: Move(
        Status.IN_PROGRESS,
        _SHOP,
        "booking.started",
        sources=frozenset({Status.CONFIRMED, Status.PICKED_UP, Status.WAITING_PARTS}),
    ),
    Action.WAIT_FOR_PARTS: Move(Status.WAITING_PARTS, _SHOP, "booking.waiting_for_parts", needs_reason=True),
    Action.REQUEST_APPROVAL: Move(Status.WAITING_APPROVAL, _SHOP, "booking.approval_requested", needs_reason=True),
    Action.APPROVE: Move(Status.IN_PROGRESS, _ANYONE, "booking.approved", sources=frozenset({Status.WAITING_APPROVAL})),
    Action.DECLINE: Move(
        Status.CANCELLED, _ANYONE, "booking.declined", needs_reason=True, sources=frozenset({Status.WAITING_APPROVAL})
    ),
    Action.READY: Move(Status.READY_FOR_PICKUP, _SHOP, "booking.ready"),
    Action.DISPATCH: Move(Status.OUT_FOR_DELIVERY, _SHOP, "booking.out_for_delivery"),
    Action.COMPLETE: Move(Status.COMPLETED, _SHOP, "booking.completed"),
    Action.NO_SHOW: Move(Status.NO_SHOW, _SHOP, "booking.no_show", needs_reason=True),
}

# Once work has begun, only the shop ends it: a customer's cancellation then is a conversation, not a button.
_CUSTOMER_CANCELS = frozenset({Status.PENDING, Status.DEPOSIT_PAID, Status.CONFIRMED})


@frozen
class Lifecycle:
    """One business's profile: its table of states over the common moves."""

    name: str
    table: Table
    _actions: Mapping[Status, tuple[Action, ...]] = field(init=False, eq=False, repr=False)

    @_actions.default
    def _open_actions(self) -> Mapping[Status, tuple[Action, ...]]:
        return {
            status: tuple(action for action, move in MOVES.items() if self._open(status, move)) for status in Status
        }

    def target(self, current: Status, action: Action, *, by: Actor, reason: str = "") -> Status:
        """Say where the action leads. Raises IllegalTransition, Forbidden or ReasonRequired."""
        move = MOVES[action]
        if not self._open(current, move):
            raise IllegalTransition(current=current, wanted=move.target, allowed=self.allowed(current))
        if by.role not in move.roles:
            raise Forbidden(f"a {by.role} may not {action} a booking")
        if action is Action.CANCEL and not by.is_staff and current not in _CUSTOMER_CANCELS:
            raise Forbidden(f"a booking that is {current} can only be cancelled by the shop: please call")
        if move.needs_reason and not reason.strip():
            raise ReasonRequired(f"say why: to {action} a booking needs a reason")
        return move.target

    def allowed(self, current: Status) -> tuple[str, ...]:
        """Name the states that can come next."""
        return tuple(sorted(self.table.get(current, frozenset())))

    def actions(self, current: Status) -> tuple[Action, ...]:
        """Name the actions open from here, whoever does them."""
        return self._actions[current]

    def is_final(self, current: Status) -> bool:
        """Whether nothing can come after this state."""
        return not self.table.get(current)

    def _open(self, current: Status, move: Move) -> bool:
        return move.target in self.table.get(current, frozenset()) and (not move.sources or current in move.sources)


def _with(table: Table, changes: Mapping[Status, set[Status]]) -> Table:
    return {**table, **{status: frozenset(targets) for status, targets in changes.items()}}


REPAIR_BENCH = Lifecycle("repair-bench", CANONICAL)

# The van repairs at the customer's door: nothing waits on a shelf to be picked up.
MOBILE_VAN = evolve(
    REPAIR_BENCH,
    name="mobile-van",
    table=_with(
        {status: targets for status, targets in CANONICAL.items() if status is not Status.READY_FOR_PICKUP},
        {
            Status.IN_PROGRESS: {
                Status.WAITING_PARTS,
                Status.WAITING_APPROVAL,
                Status.COMPLETED,
                Status.CANCELLED,
            },
        },
    ),
)

# A request is approved or refused by a person before it binds anybody; there is no bench.
REQUEST_AND_APPROVE = Lifecycle(
    "request-and-approve",
    {
        Status.PENDING: frozenset({Status.CONFIRMED, Status.REJECTED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.DEPOSIT_PAID, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}),
        Status.DEPOSIT_PAID: frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}),
        Status.COMPLETED: frozenset(),
        Status.CANCELLED: frozenset(),
        Status.REJECTED: frozenset(),
        Status.NO_SHOW: frozenset(),
    },
)

# Goods travel both ways: collected from the door, worked on, driven back.
PICKUP_AND_DELIVERY = Lifecycle(
    "pickup-and-delivery",
    _with(
        CANONICAL,
        {
            Status.CONFIRMED: {Status.PICKED_UP, Status.CANCELLED, Status.NO_SHOW},
            Status.PICKED_UP: {Status.IN_PROGRESS, Status.CANCELLED},
            Status.READY_FOR_PICKUP: {Status.OUT_FOR_DELIVERY, Status.COMPLETED},
            Status.OUT_FOR_DELIVERY: {Status.COMPLETED},
        },
    ),
)

PROFILES: Mapping[str, Lifecycle] = {
    profile.name: profile for profile in (REPAIR_BENCH, MOBILE_VAN, REQUEST_AND_APPROVE, PICKUP_AND_DELIVERY)
}


def profile(name: str) -> Lifecycle:
    """Find a lifecycle profile by name. Raises NotFound with the nearest known name."""
    if name not in PROFILES:
        raise NotFound("lifecycle profile", name, tuple(PROFILES))
    return PROFILES[name]


def mermaid(lifecycle: Lifecycle) -> str:
    """Draw the profile as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.PENDING}"]
    for status in lifecycle.table:
        for action in lifecycle.actions(status):
            lines.append(f"    {status} --> {MOVES[action].target}: {action}")
        if lifecycle.is_final(status):
            lines.append(f"    {status} --> [*]")
    return "\n".join(lines) + "\n"
