"""Keeping a database: backups that are verified, restores that lose nothing, and moving from one kind to the other."""
