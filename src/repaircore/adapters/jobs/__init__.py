"""Engines that hand jobs to workers, beside the embedded one, which is a part of each database."""
