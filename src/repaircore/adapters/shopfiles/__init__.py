"""Reading what a shop owner writes: CSV sheets and TOML files, with every fault told by file, line and field."""
