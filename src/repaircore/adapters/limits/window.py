"""The arithmetic of a sliding window counter."""

from math import ceil

from repaircore.ports.limits import Limit, Verdict


def admits(limit: Limit, previous: int, current: int, left: float) -> bool:
    """Whether one more request fits; `left` of the current window's seconds are still to come."""
    return int(previous * left / limit.seconds) + current < limit.amount


def verdict(limit: Limit, previous: int, current: int, left: float, *, admitted: bool) -> Verdict:
    """Say how things stand after a request."""
    remaining = limit.amount - current - int(previous * left / limit.seconds)
    if remaining > 0:
        return Verdict(admitted, remaining, ceil(left))
    return Verdict(admitted, 0, int(_until_room(limit, previous, current, left)) + 1)


def _until_room(limit: Limit, previous: int, current: int, left: float) -> float:
    """Answer the seconds after which the window before weighs little enough for one more; today's may be that window by then."""
    room = limit.amount - current
    if room > 0:
        return left - room * limit.seconds / previous
    return left + limit.seconds - limit.amount * limit.seconds / current
