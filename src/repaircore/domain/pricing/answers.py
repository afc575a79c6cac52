"""What a plan answered: the result and, once somebody asks for a receipt, its canonical form."""

from functools import cached_property

from attrs import frozen

from repaircore.domain.pricing.canonical import priced_text
from repaircore.domain.pricing.quote import Priced

Asked = tuple[tuple[str, int], ...]  # the name and the quantity of each item


@frozen(eq=False)
class Answer:
    """A result that others who ask the same share."""

    priced: Priced

    @cached_property
    def text(self) -> str:
        """The result in canonical form."""
        return priced_text(self.priced)
