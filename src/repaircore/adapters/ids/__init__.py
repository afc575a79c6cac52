"""Identifiers: unguessable ones that sort by time, and predictable ones for tests."""
