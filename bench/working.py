"""CPU time of this process and of a server's processes: what an answer takes on a machine where others are at work as well."""

from collections.abc import Sequence
from pathlib import Path
from time import process_time

import psycopg
from attrs import frozen


@frozen
class Working:
    """Those who work on an answer."""

    others: Sequence[Path] = ()

    def milliseconds(self) -> float:
        """Answer how long they have been working, all together."""
        return process_time() * 1000 + sum(int(other.read_text().split()[0]) for other in self.others) / 1e6


def backends(url: str) -> Working:
    """Answer this process with all who serve a client of that database just now."""
    clients = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with psycopg.connect(url) as connection:
        return Working([Path(f"/proc/{pid}/schedstat") for (pid,) in connection.execute(clients).fetchall()])
