"""A quote explained: every rule that was considered, and what would have changed the price."""

from collections.abc import Mapping

from attrs import evolve, frozen

from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.breakdown import Breakdown, breakdown
from repaircore.domain.pricing.counterfactuals import Counterfactual, counterfactuals
from repaircore.domain.pricing.engine import CompiledRulebook
from repaircore.domain.pricing.explain import Considered, explain
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Rulebook


@frozen(kw_only=True)
class Explained:
    """Why a price is what it is. `told` puts it into a customer's language. `rulebook` holds the rules that could apply to such
    devices and services, and `rules` what became of each; the `elsewhere` others are counted."""

    quote: Quote
    rulebook: Rulebook
    rules: tuple[Considered, ...]
    elsewhere: int
    counterfactuals: tuple[Counterfactual, ...]

    @classmethod
    def of(cls, quote: Quote, compiled: CompiledRulebook, catalogue: Catalogue, *, by: Actor) -> "Explained":
        """Explain a quote by the rulebook it was made by, and the catalogue as it is now; to staff with promotion codes."""
        most, fitting = _most(quote, catalogue), compiled.fitting(quote.facts)
        rulebook = evolve(compiled.rulebook, rules=fitting)
        return cls(
            quote=quote,
            rulebook=rulebook,
            rules=explain(rulebook, quote.facts),
            elsewhere=len(compiled.rulebook.rules) - len(fitting),
            counterfactuals=counterfactuals(compiled, quote.facts, most=most, codes=by.is_staff, at=quote.created_at),
        )

    def told(self, messages: Messages) -> Breakdown:
        """Tell it in the language of the messages."""
        return breakdown(self.quote, self.rulebook, self.rules, self.counterfactuals, messages)


def _most(quote: Quote, catalogue: Catalogue) -> Mapping[str, int]:
    known = catalogue.services
    wanted = {item.service_id for item in quote.facts.items}
    return {service: known[service].max_quantity if service in known else 1 for service in wanted}
