"""The twin in memory."""

from repaircore.adapters.storage.memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
