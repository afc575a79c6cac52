"""`python -m repaircore.entrypoints.cli`: the command line without its script on the path."""

from repaircore.entrypoints.cli import main

if __name__ == "__main__":
    main()
