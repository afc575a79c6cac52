"""Mailers, one module per provider, and the templates."""
