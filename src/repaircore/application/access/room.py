"""The access room: what the library's user calls as `core.access`."""

from attrs import frozen

from repaircore.application.access.keys import Authenticate, CreateKey, ListKeys, RevokeKey
from repaircore.application.access.tokens import CapabilityTokens


@frozen
class AccessRoom:
    """Who may come in: API keys for the shop, capability tokens for its customers."""

    tokens: CapabilityTokens
    authenticate: Authenticate
    create_key: CreateKey
    list_keys: ListKeys
    revoke_key: RevokeKey

    def token(self, resource_id: str) -> str:
        """Make a token that opens one booking or quote."""
        return self.tokens.mint(resource_id)

    def opens(self, token: str, resource_id: str) -> bool:
        """Whether the token opens that resource now."""
        return self.tokens.opens(token, resource_id)

    def subject(self, token: str) -> str | None:
        """Answer the resource that a genuine token opens, else None."""
        return self.tokens.subject(token)
