"""The core in a world of chance: its clock, its network, its database, its provider and its deaths all come from one number."""
