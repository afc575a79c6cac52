"""Capability tokens: a link that opens one booking or quote, and nothing else, for a while."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import timedelta
from hashlib import sha256

from attrs import field, frozen

from repaircore.ports.clock import Clock

_SIGNATURE_BYTES = 32


@frozen
class CapabilityTokens:
    """Mints and checks tokens `base64url(resource id, expiry, HMAC-SHA256)`. The first secret signs, every one verifies, so that
    secrets can be changed without breaking the links already sent."""

    secrets: tuple[bytes, ...] = field(repr=False)
    clock: Clock
    lifetime: timedelta = timedelta(days=180)
    _signers: tuple[hmac.HMAC, ...] = field(init=False, repr=False, eq=False)

    @_signers.default
    def _begun(self) -> tuple[hmac.HMAC, ...]:
        """Begin every signature once: what comes before the claim is always the same."""
        return tuple(hmac.new(secret, b"capability.", sha256) for secret in self.secrets)

    def mint(self, resource_id: str) -> str:
        """Make a token for that resource, valid from now for the lifetime."""
        expires = int((self.clock.now() + self.lifetime).timestamp())
        claim = f"{resource_id}.{expires}".encode()
        return urlsafe_b64encode(_sign(self._signers[0], claim) + claim).rstrip(b"=").decode()

    def subject(self, token: str) -> str | None:
        """Answer the resource that a genuine and unexpired token opens, else None."""
        try:
            raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        except (Base64Error, ValueError):
            return None
        signature, claim = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        # Every secret is tried and compared in constant time, whichever fits.
        genuine = [hmac.compare_digest(_sign(signer, claim), signature) for signer in self._signers]
        resource_id, _, expires = claim.decode(errors="replace").rpartition(".")
        if not any(genuine) or int(expires) <= self.clock.now().timestamp():
            return None
        return resource_id

    def opens(self, token: str, resource_id: str) -> bool:
        """Whether the token opens that resource now."""
        return self.subject(token) == resource_id


def _sign(signer: hmac.HMAC, claim: bytes) -> bytes:
    signing = signer.copy()
    signing.update(claim)
    return signing.digest()
