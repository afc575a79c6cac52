"""Use cases: read, decide, write. One small class each, grouped by room; they know ports and the domain, and nothing else."""
