"""API keys: shown once, stored as a hash, revocable."""

from collections.abc import Sequence
from hashlib import sha256

from attrs import field, frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.identity import KEY, KeyId
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import ApiKey, UnitOfWorkFactory

_PREFIX = "rk_"
_CACHE_SECONDS = 5.0


def hash_key(key: str) -> str:
    """Hash a key for storage. Keys carry 256 random bits, so a fast hash is safe."""
    return sha256(key.encode()).hexdigest()


@frozen
class CreateKey:
    """An administrator makes a key for a program or a colleague."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids

    async def __call__(self, role: Role, *, label: str = "") -> tuple[ApiKey, str]:
        """Answer the stored record, and the key itself: this is the only time it is seen."""
        key = _PREFIX + self.ids.secret()
        record = ApiKey(
            id=KeyId(self.ids.new(KEY)), role=role, key_hash=hash_key(key), created_at=self.clock.now(), label=label
        )
        async with self.unit_of_work() as work:
            work.api_keys.add(record)
            await work.commit()
        return record, key


@frozen
class RevokeKey:
    """A key is withdrawn, for good."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    async def __call__(self, key_id: KeyId) -> None:
        async with self.unit_of_work() as work:
            await work.api_keys.revoke(key_id, at=self.clock.now())
            await work.commit()


@frozen
class ListKeys:
    """Every key ever made, without the keys themselves."""

    unit_of_work: UnitOfWorkFactory

    async def __call__(self) -> Sequence[ApiKey]:
        async with self.unit_of_work() as work:
            return await work.api_keys.all()


@frozen
class Authenticate:
    """Says who a presented key is. Remembers an answer for five seconds: that long a revoked key may still work."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    _seen: dict[str, tuple[float, Actor | None]] = field(factory=dict, init=False, repr=False)

    async def __call__(self, key: str) -> Actor | None:
        """Answer the actor, or None for a key that is unknown or revoked."""
        if not key.startswith(_PREFIX):
            return None
        key_hash, now = hash_key(key), self.clock.now().timestamp()
        known = self._seen.get(key_hash)
        if known and 0 <= now - known[0] < _CACHE_SECONDS:
            return known[1]
        actor = await self._look_up(key_hash)
        if len(self._seen) > 1000:
            self._seen.clear()
        self._seen[key_hash] = (now, actor)
        return actor

    async def _look_up(self, key_hash: str) -> Actor | None:
        async with self.unit_of_work() as work:
            record = await work.api_keys.by_hash(key_hash)
        if record is None or record.revoked_at is not None:
            return None
        return Actor(record.role, record.id)
