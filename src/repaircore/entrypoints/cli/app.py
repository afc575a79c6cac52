"""The list of commands. Each is imported when it is called, so that asking for help stays quick."""

import sys

from cyclopts import App, CycloptsError, Group

_SUMMARY = """The core of a repair or service business: quotes, bookings, deposits, payments and messages.

Every command answers --help. Exit codes: 0 done, 1 it cannot be done (one line says why), 2 wrong usage."""

WRONG_USAGE = 2

_RUN, _SHOP, _KEEP = Group("Running", sort_key=0), Group("The shop", sort_key=1), Group("Keeping", sort_key=2)

_COMMANDS = (
    ("serve", _RUN, "Serve the HTTP API, with the worker inside."),
    ("worker", _RUN, "Do the jobs that a server enqueues, in a process of its own."),
    ("demo", _RUN, "Start a server and drive it through a whole repair, step by step."),
    ("quote", _SHOP, "Price a job; explain or verify a quote."),
    ("override", _SHOP, "Agree on other prices than the rules give; list and show them."),
    ("rulebook", _SHOP, "Check, compare, simulate, publish and roll back rulebooks."),
    ("catalog", _SHOP, "Take in, write out, publish and roll back the catalogue, its prices and suppliers' lists."),
    ("market", _SHOP, "Keep and show snapshots of the market."),
    ("promotions", _SHOP, "Show what is left of promotion codes."),
    ("check-config", _SHOP, "Check the business file and everything it names."),
    ("migrate", _KEEP, "Bring the database to this version and publish the rulebook."),
    ("backup", _KEEP, "Write the database into one verified file, while servers go on."),
    ("restore", _KEEP, "Verify a backup and put it in the database's place."),
    ("db", _KEEP, "Move to another database."),
    ("keys", _KEEP, "Create, list and revoke API keys."),
    ("jobs", _KEEP, "List jobs, and queue dead ones again."),
)


def run(arguments: list[str]) -> object:
    """Run the command that the arguments name, and answer what it answers; wrong usage is told in one line, exit code 2."""
    try:
        return app(arguments, result_action="return_value", print_error=False, exit_on_error=False)
    except CycloptsError as error:
        print(f"repaircore: {' '.join(str(error).split())} See --help.", file=sys.stderr)
        return WRONG_USAGE


def _version() -> str:
    from importlib.metadata import version

    return version("repaircore")


def build() -> App:
    """Make the application."""
    app = App(
        name="repaircore",
        help=_SUMMARY,
        help_format="plaintext",
        version=_version,
    )
    for name, group, help in _COMMANDS:
        module = name.replace("-", "_")
        app.command(f"repaircore.entrypoints.cli.{module}:app", name=name, help=help, group=group)
    return app


app = build()
