"""What prices depend on from day to day, as JSON: market snapshots, promotions, agreed prices."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from repaircore.application.pricing.promotions import PromotionState
from repaircore.domain.pricing import market, overrides
from repaircore.entrypoints.http.schemas.words import Body, Moment, View

Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class NewSnapshot(Body):
    """What was measured: whole numbers by name. Without `at` it was measured just now."""

    figures: Annotated[dict[str, int], Meta(min_length=1, max_length=market.MOST_FIGURES)]
    at: Moment | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


class Snapshot(View):
    """The market at one moment. Quotes name the one they used as `market_snapshot_id`."""

    id: str
    at: Moment
    figures: dict[str, int]
    source: market.Source
    by: str
    note: str


class Snapshots(View):
    """A page of snapshots, newest first."""

    items: list[Snapshot]
    next_cursor: str | None


class Market(View):
    """The snapshot that a quote asked for now would use; none when there is none, or all are too old."""

    snapshot: Snapshot | None
    max_age_seconds: int


class Promotion(View):
    """A code of the rulebook in force. A limit that is null is none; `refusal` says why it cannot be used now, if it cannot."""

    code: str
    used: int
    uses: int | None
    per_customer: int | None
    first_order: bool
    starts: Moment | None
    ends: Moment | None
    stackable: bool
    refusal: str


class Promotions(View):
    """Every promotion, by code."""

    items: list[Promotion]


class AgreedPrice(Body):
    """What was agreed on, in minor units of the quote's currency: the price of one of a line, or without a line the subtotal."""

    amount: Annotated[int, Meta(ge=0, le=10**12)]
    line: Annotated[str, Meta(max_length=200)] = ""

    def agreed(self) -> overrides.AgreedPrice:
        """Say it in the domain's words."""
        return overrides.AgreedPrice(amount=self.amount, line=self.line)


class NewOverride(Body):
    """Prices agreed with the customer. Without `expires_at` they are held as long as any quote.

    `margin_approval` is an admin's reason for a margin below the minimum.
    """

    prices: Annotated[tuple[AgreedPrice, ...], Meta(min_length=1, max_length=50)]
    reason: Reason
    expires_at: Moment | None = None
    margin_approval: Reason | None = None


class Withdrawal(Body):
    """Why an agreed price ends early."""

    reason: Reason


def snapshot(held: market.DatedSnapshot) -> Snapshot:
    """Show a snapshot."""
    return Snapshot(
        id=held.id,
        at=held.at,
        figures=dict(held.figures),
        source=held.source,
        by=held.by.id,
        note=held.note,
    )


def promotions(states: Sequence[PromotionState]) -> Promotions:
    """Show promotions."""
    return Promotions(items=[_promotion(state) for state in states])


def _promotion(state: PromotionState) -> Promotion:
    promotion = state.promotion
    return Promotion(
        code=promotion.code,
        used=state.used,
        uses=promotion.uses,
        per_customer=promotion.each,
        first_order=promotion.first_order,
        starts=promotion.starts,
        ends=promotion.ends,
        stackable=promotion.stackable,
        refusal=state.refusal,
    )
