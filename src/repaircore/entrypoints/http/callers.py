"""Who is asking: a guest, somebody holding a link to one thing, or somebody with an API key."""

from typing import Protocol

from attrs import frozen

from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.errors import Forbidden
from repaircore.entrypoints.http.refusals import Unauthenticated


class Access(Protocol):
    """What this module needs of the access room."""

    def subject(self, token: str) -> str | None: ...

    async def authenticate(self, api_key: str) -> Actor | None: ...


@frozen
class Caller:
    """The actor, and the one resource that a capability token opens."""

    actor: Actor
    subject: str = ""

    @property
    def principal(self) -> str:
        """Who this is, for keeping one caller's idempotency keys apart from another's; never a secret."""
        return f"{self.actor.role}:{self.actor.id}"

    @property
    def is_known(self) -> bool:
        """Whether anything at all was presented."""
        return bool(self.subject) or self.actor.role is not Role.GUEST

    def must_be_known(self) -> None:
        """Raises Unauthenticated for a stranger."""
        if not self.is_known:
            raise Unauthenticated(
                "send an API key or a capability token as Authorization: Bearer …, or a token as ?token=…"
            )

    def must_reach(self, resource_id: str) -> None:
        """Let staff pass, and whoever holds the link to exactly this resource. Raises Unauthenticated or Forbidden."""
        self.must_be_known()
        if not self.actor.is_staff and self.subject != resource_id:
            raise Forbidden("this token opens something else")

    def must_be_staff(self) -> None:
        """Raises Unauthenticated or Forbidden."""
        self.must_be_known()
        if not self.actor.is_staff:
            raise Forbidden("this is for the shop's staff")

    def must_be_admin(self) -> None:
        """Raises Unauthenticated or Forbidden."""
        self.must_be_known()
        if self.actor.role not in (Role.ADMIN, Role.SYSTEM):
            raise Forbidden("this is for the shop's administrators")


STRANGER = Caller(GUEST)


@frozen
class Auth:
    """Who may use a route: anybody; `staff`; of them only an `admin`; `known`, and the handler looks closer; or who reaches the
    `resource` in the path."""

    staff: bool = False
    admin: bool = False
    known: bool = False
    resource: str = ""

    @property
    def is_open(self) -> bool:
        """Whether strangers may pass."""
        return not (self.staff or self.known or self.resource)

    def admit(self, caller: Caller, path: "dict[str, str]") -> None:
        """Raises Unauthenticated or Forbidden for callers who may not pass."""
        if self.admin:
            caller.must_be_admin()
        elif self.staff:
            caller.must_be_staff()
        elif self.resource:
            caller.must_reach(path[self.resource])
        elif self.known:
            caller.must_be_known()


ANYONE = Auth()
STAFF = Auth(staff=True)
ADMIN = Auth(staff=True, admin=True)
KNOWN = Auth(known=True)


def reaching(parameter: str) -> Auth:
    """Who holds the link to the resource that this path parameter names, and staff."""
    return Auth(resource=parameter)


async def identify(access: Access, authorization: str | None, token: str | None) -> Caller:
    """Say who is asking. Raises Unauthenticated when what was presented is not genuine: a typing error is not a stranger."""
    if authorization is not None:
        scheme, _, presented = authorization.partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise Unauthenticated("send Authorization: Bearer …")
        return await _bearer(access, presented.strip())
    if token is not None:
        return _holder(access, token)
    return STRANGER


async def _bearer(access: Access, presented: str) -> Caller:
    actor = await access.authenticate(presented)
    return Caller(actor) if actor is not None else _holder(access, presented)


def _holder(access: Access, token: str) -> Caller:
    subject = access.subject(token)
    if subject is None:
        raise Unauthenticated("this key or token is not known, has expired or was revoked")
    return Caller(Actor(Role.GUEST, subject), subject)
