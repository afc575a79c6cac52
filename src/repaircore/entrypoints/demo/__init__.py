"""The demonstration: a real server process, driven over HTTP through a whole repair, each step told."""
