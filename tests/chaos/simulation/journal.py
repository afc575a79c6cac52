"""What the people outside were told: whatever was acknowledged to them must be there in the end."""

from attrs import define, field


@define
class Journal:
    """Kept outside of every program. `wrong` holds what nobody should ever have been told."""

    booked: dict[str, str] = field(factory=dict)  # booking → reference
    started: set[str] = field(factory=set)  # payments
    paid: set[str] = field(factory=set)  # payments that somebody saw succeed
    moved: list[tuple[str, str]] = field(factory=list)  # booking and action
    told: set[str] = field(factory=set)  # webhooks that were taken in
    raced: dict[str, int] = field(factory=dict)  # booking → how many were told that they confirmed it
    wrong: list[str] = field(factory=list)
