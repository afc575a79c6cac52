"""Clocks: the machine's, and one moved by hand."""
