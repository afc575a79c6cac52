"""`repaircore migrate`."""

import asyncio

from cyclopts import App

from repaircore.entrypoints.cli.options import HERE, Place
from repaircore.entrypoints.cli.output import progress
from repaircore.wiring.checking import check_business
from repaircore.wiring.databases import migrate_database
from repaircore.wiring.jobs import migrate_jobs
from repaircore.wiring.opening import open_core

app = App(name="migrate", help_format="plaintext")


@app.default
def migrate(*, place: Place = HERE) -> None:
    """Bring the database to this version and publish the rulebook. Run twice, it changes nothing the second time.

    Several machines may do it at once: one migrates, the others wait for it.
    """
    with progress("Reading", phases=3) as phase:
        phase("Reading the business's files")
        settings, offer = check_business(place.business_file, data_dir=place.data_dir)
        phase("Migrating the database")
        migrated = migrate_database(settings.database, place.data_dir)
        migrated = migrate_jobs(settings) or migrated
        phase("Publishing the rulebook")
        asyncio.run(_publish(place))
    print("The database was brought to this version." if migrated else "The database was at this version already.")
    print(f"Rulebook {offer.rulebook.version} is published.")


async def _publish(place: Place) -> None:
    async with open_core(place.business_file, data_dir=place.data_dir, migrate=False):
        """Opening publishes."""
