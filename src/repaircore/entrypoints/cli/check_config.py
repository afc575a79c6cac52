"""`repaircore check-config`."""

from typing import Any

from cyclopts import App

from repaircore.adapters.storage.urls import masked
from repaircore.domain.errors import DomainError
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json
from repaircore.entrypoints.cli.refusals import DONE, CannotBeDone, faults
from repaircore.wiring.checking import check_business

app = App(name="check-config", help_format="plaintext")


@app.default
def check_config(*, place: Place = HERE, json: Json = False) -> int:
    """Check the business file, the files it names, and its providers. Changes nothing."""
    try:
        found = check_business(place.business_file, data_dir=place.data_dir)
    except CannotBeDone:
        raise
    except DomainError as error:
        told = faults(error)
        if json:
            write_json({"ok": False, "faults": list(told)})
        elif len(told) > 1:
            print("\n".join(told))
        raise
    if json:
        write_json({"ok": True, "faults": [], **_facts(found)})
    else:
        print("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in _facts(found).items()))
    return DONE


def _facts(found: Any) -> dict[str, Any]:
    settings, offer = found
    return {
        "name": settings.name,
        "profile": settings.profile,
        "environment": settings.environment.value,
        "currency": settings.currency,
        "devices": len(offer.catalogue.devices),
        "services": len(offer.catalogue.services),
        "rulebook": offer.rulebook.version,
        "rules": len(offer.rulebook.rules),
        "database": masked(settings.database.url),
        "payments": settings.payments.provider,
        "notifications": settings.notifications.provider,
    }
