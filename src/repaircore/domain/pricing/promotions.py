"""Promotion codes: what each may be used for, and whether it can be used now. What a code is worth is a rule of the rulebook."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from repaircore.domain.errors import DomainError, InvalidValue
from repaircore.domain.identity import BookingId


class PromotionUnusable(DomainError):
    """A code that a quote was made with cannot be used by this customer, or not any more."""

    code = "promotion_unusable"

    def __init__(self, promo_code: str, why: str) -> None:
        super().__init__(f"{promo_code} {why}: ask for a new quote without it")
        self.promo_code = promo_code


@frozen(kw_only=True)
class Promotion:
    """One code and its limits; None means without limit. `starts` is inclusive, `ends` exclusive, both aware."""

    code: str
    uses: int | None = None
    per_customer: int | None = None
    first_order: bool = False
    starts: datetime | None = None
    ends: datetime | None = None
    stackable: bool = False

    @property
    def each(self) -> int | None:
        """How often one customer may use it: what is for a first order can be used once."""
        return 1 if self.first_order else self.per_customer

    def refusal(self, used: "Used", at: datetime) -> str:
        """Say why the code cannot be used at that moment, in words that follow the code; empty when it can."""
        if self.starts is not None and at < self.starts:
            return "is not valid yet"
        if self.ends is not None and at >= self.ends:
            return "is no longer valid"
        if self.uses is not None and used.total >= self.uses:
            return USED_UP
        if self.first_order and used.ordered_before:
            return FIRST_ORDER
        if self.each is not None and used.by_customer >= self.each:
            return USED_BY_CUSTOMER
        return ""


USED_UP = "has been used as often as it may be"
USED_BY_CUSTOMER = "was used as often as one customer may"
FIRST_ORDER = "is for a first order"


@frozen(kw_only=True)
class Used:
    """What is known of a code's use so far. Of a customer nobody has named yet, nothing is known."""

    total: int = 0
    by_customer: int = 0
    ordered_before: bool = False


@frozen(kw_only=True)
class RefusedCode:
    """A code that a quote was made without, and why."""

    code: str
    why: str


@frozen
class KnownAgain:
    """What a customer is known again by: the e-mail address without case, and the phone number. Empty is unknown."""

    email: str = ""
    phone: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything to know the customer by."""
        return bool(self.email or self.phone)


@frozen(kw_only=True)
class PromotionUse:
    """One use of a code by one booking."""

    code: str
    booking_id: BookingId
    customer: KnownAgain
    at: datetime


def normalised(code: str) -> str:
    """Answer a code as it is compared: without spaces around it, in capitals."""
    return code.strip().upper()


def known_again(email: str, phone: str) -> KnownAgain:
    """Answer what a customer is known again by, from a contact's e-mail and E.164 phone."""
    return KnownAgain(email=email.casefold(), phone=phone)


def asked(codes: Sequence[str], known: Mapping[str, Promotion]) -> tuple[Promotion, ...]:
    """Look up what a customer typed, each code once. Raises InvalidValue for a code nobody knows; other codes are never told."""
    found: dict[str, Promotion] = {}
    for index, typed in enumerate(codes):
        promotion = known.get(normalised(typed))
        if promotion is None:
            raise InvalidValue(f"{typed!r} is not a promotion of this business", pointer=f"/promo_codes/{index}")
        found[promotion.code] = promotion
    return tuple(found.values())


def usable(
    wanted: Iterable[Promotion], used: Mapping[str, Used], at: datetime
) -> tuple[tuple[str, ...], tuple[RefusedCode, ...]]:
    """Part the codes into those the quote is made with and those it is made without, with the reason. Earlier codes come first:
    one that does not stack leaves no room for others."""
    accepted: list[Promotion] = []
    refused: list[RefusedCode] = []
    for promotion in wanted:
        why = promotion.refusal(used.get(promotion.code, Used()), at) or _clash(promotion, accepted)
        if why:
            refused.append(RefusedCode(code=promotion.code, why=why))
        else:
            accepted.append(promotion)
    return tuple(each.code for each in accepted), tuple(refused)


def _clash(promotion: Promotion, accepted: Sequence[Promotion]) -> str:
    if accepted and not (promotion.stackable and all(each.stackable for each in accepted)):
        return f"cannot be combined with {accepted[0].code}"
    return ""
