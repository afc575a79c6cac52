"""Rulebook sources."""
