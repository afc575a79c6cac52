"""What every storage must do, judged by what is read back from it.

Subclass `StorageContract` in your tests and give it a `harness` fixture, fresh for each test: an empty database opened with
`subscriptions` and a clock moved by hand. Add `DurableContract` when the data outlives the program.
"""

from repaircore.testing.storage.aggregates import AggregateContract
from repaircore.testing.storage.catalogues import CatalogueContract
from repaircore.testing.storage.durable import DurableContract
from repaircore.testing.storage.harness import DurableHarness, StorageHarness, StorageWithJobs
from repaircore.testing.storage.lists import ListContract
from repaircore.testing.storage.offers import OfferContract
from repaircore.testing.storage.publications import PublicationContract
from repaircore.testing.storage.registers import RegisterContract
from repaircore.testing.storage.transactions import TransactionContract
from repaircore.testing.storage.values import subscriptions

__all__ = ["DurableContract", "DurableHarness", "StorageContract", "StorageHarness", "StorageWithJobs", "subscriptions"]


class StorageContract(
    AggregateContract,
    ListContract,
    TransactionContract,
    RegisterContract,
    PublicationContract,
    CatalogueContract,
    OfferContract,
):
    """The promises of `ports.unit_of_work`."""
