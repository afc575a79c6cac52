"""The catalogue in force: read from the storage when another version is published or comes into force."""

from datetime import datetime

from attrs import define, field

from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.record import catalogue_from_json
from repaircore.domain.catalog.versions import CatalogueVersion, in_force
from repaircore.ports.unit_of_work import UnitOfWork


@define
class Shelf:
    """Which versions there are, and what is in the one in force. Versions never change, so what was read stays right."""

    _versions: list[CatalogueVersion] = field(factory=list, init=False)
    _held: tuple[str, Catalogue] | None = field(default=None, init=False)

    @property
    def versions(self) -> tuple[CatalogueVersion, ...]:
        """Every version known here, in order."""
        return tuple(self._versions)

    def hold(self, content_hash: str, catalogue: Catalogue) -> None:
        """Keep a content that is at hand already, so that it need not be read."""
        self._held = content_hash, catalogue.ready()

    async def take_in(self, work: UnitOfWork, at: datetime) -> Catalogue | None:
        """Read what was published since the last time, and answer what is in force; None before anything was published."""
        known = self._versions[-1].number if self._versions else 0
        for version in await work.catalogues.versions(after=known):
            if not self._versions or version.number > self._versions[-1].number:
                self._versions.append(version)
        if not self._versions:
            return None
        return await self._content(work, in_force(self._versions, at).content_hash)

    async def _content(self, work: UnitOfWork, content_hash: str) -> Catalogue:
        if self._held is None or self._held[0] != content_hash:
            self._held = content_hash, catalogue_from_json(await work.catalogues.content(content_hash)).ready()
        return self._held[1]
