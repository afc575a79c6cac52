"""How long a business stands by its work: a term for each service, and how many times that for what the customer chooses."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from attrs import frozen


class Unit(StrEnum):
    """What terms are counted in."""

    DAYS = "days"
    MONTHS = "months"


@frozen
class Term:
    """How long a warranty lasts. None at all is a count of 0."""

    count: int
    unit: Unit


@frozen(kw_only=True)
class WarrantyTerms:
    """The usual terms by service ("" is any other), and the factor of each warranty that can be chosen: extended 3/2, premium 2."""

    unit: Unit
    terms: Mapping[str, int]
    times: Mapping[str, Fraction]

    def term(self, service_id: str, warranty: str = "") -> Term | None:
        """Answer the term of a service under a warranty, the usual one where none was chosen; None where nothing is said.

        Part of a unit counts as a whole one: nobody is promised less than the factor says.
        """
        usual = self.terms.get(service_id, self.terms.get(""))
        if usual is None:
            return None
        return Term((usual * self.times.get(warranty, Fraction(1))).__ceil__(), self.unit)
