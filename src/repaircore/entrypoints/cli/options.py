"""Options that every command takes."""

from pathlib import Path
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter
from cyclopts.validators import Number

from repaircore.entrypoints.cli.refusals import CannotBeDone


@Parameter(name="*")
@frozen(kw_only=True)
class Place:
    """Which business, and where its data is."""

    config: Annotated[Path | None, Parameter(env_var="REPAIRCORE_CONFIG")] = None
    """The business file."""

    data_dir: Path = Path()
    """Where relative paths of databases and messages start."""

    @property
    def business_file(self) -> Path:
        """The business file. Raises CannotBeDone when none was named."""
        if self.config is None:
            raise CannotBeDone("no business is named: pass --config FILE or set REPAIRCORE_CONFIG")
        return self.config


HERE = Place()

Json = Annotated[bool, Parameter(name="--json", negative="", show_default=False)]
"""Write JSON, for scripts."""

Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65535))]
"""A port to listen on; 0 takes a free one."""

Drain = Annotated[
    float,
    Parameter(validator=Number(gte=0, lte=3600), help="Seconds for what is under way when told to stop."),
]
"""How long a process that is told to stop may go on."""

Migrate = Annotated[
    bool, Parameter(negative="", show_default=False, help="Migrate PostgreSQL first; a file of SQLite always is.")
]
