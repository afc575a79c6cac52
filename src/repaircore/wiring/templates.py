"""Templates that are loaded with the first message: a server that sends nothing starts without them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from repaircore.ports.notifications import Rendered, Templates


@define
class LazyTemplates:
    """The business's templates; files in `folder` go before the packaged ones."""

    folder: Path | None
    _loaded: Templates | None = field(default=None, init=False)

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Fill in a template. Raises TemplateError."""
        if self._loaded is None:
            from repaircore.adapters.notifications.templates import build

            self._loaded = build(self.folder)
        return self._loaded.render(name, context)
