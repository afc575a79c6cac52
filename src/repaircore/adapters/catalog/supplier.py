"""A supplier's price list: a sheet with the supplier's part, what it is for, its grade, its cost and its date."""

from collections.abc import Collection
from pathlib import Path

from repaircore.adapters.catalog.entries import PART, device_named, part_of
from repaircore.adapters.catalog.files import new_ones
from repaircore.adapters.shopfiles.streaming import CappedReport, Stream, Tick, stream_file
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part


def read_price_list(
    file: Path, supplier: str, catalogue: Catalogue, currency: str, tick: Tick, *, grades: Collection[str] = ()
) -> tuple[Part, ...]:
    """Read the whole list, row by row. A device may be given by its id or by a name that is certainly its own; a grade is one of
    `grades`, where there are any: no quote could use a part of another.

    Raises FileProblems with the faults found; then no part of the list is used.
    """
    report = CappedReport()
    stream = Stream.of(stream_file(file, report, tick), file.name, report)
    records = stream.records(required=PART, optional=("grade",))
    build = part_of(device_named(catalogue), catalogue.services, currency, supplier, grades)
    parts = tuple(build(record) for record in new_ones(records, "supplier_part"))
    if not (parts or report.findings):
        report.add(file.name, 0, "", "has no rows under its header")
    report.refuse()
    return parts
