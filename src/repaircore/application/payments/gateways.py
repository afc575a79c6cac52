"""The providers that are configured, by name."""

from collections.abc import Mapping

from attrs import frozen

from repaircore.domain.errors import InvalidValue, nearest
from repaircore.ports.payments import PaymentGateway


@frozen
class Gateways:
    """Finds a provider by name; the default is the one the business file names."""

    by_name: Mapping[str, PaymentGateway]
    default: str

    def get(self, name: str = "") -> PaymentGateway:
        """Answer the provider. Raises InvalidValue with the names there are."""
        wanted = name or self.default
        if wanted not in self.by_name:
            known = tuple(self.by_name)
            closest = nearest(wanted, known)
            hint = f"did you mean {closest!r}? " if closest else ""
            raise InvalidValue(
                f"there is no payment provider {wanted!r} here; {hint}Configured: {', '.join(known) or 'none'}",
                pointer="/provider",
            )
        return self.by_name[wanted]
