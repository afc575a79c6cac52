"""The list of commands. Each is imported when it is called, so that asking for help stays quick."""

from cyclopts import App, CycloptsError, Group

_SUMMARY = """The core of a repair or service business: quotes, bookings, deposits, payments and messages.

Every command answers --help. Exit codes: 0 done, 1 it cannot be done (one line says why), 2 wrong usage."""

_RUN, _SHOP, _KEEP = Group("Running", sort_key=0), Group("The shop", sort_key=1), Group("Keeping", sort_key=2)

_COMMANDS = (
    ("serve", _RUN, "Serve the HTTP API, with the worker inside."),
    ("worker", _RUN, "Do the jobs that a server enqueues, in a process of its own."),
    ("demo", _RUN, "Start a server and drive it through a whole repair, step by step."),
    ("quote", _SHOP, "Price a job; explain or verify a quote."),
    ("rulebook", _SHOP, "Check the rulebook."),
    ("check-config", _SHOP, "Check the business file and everything it names."),
    ("migrate", _KEEP, "Bring the database to this version and publish the rulebook."),
    ("keys", _KEEP, "Create, list and revoke API keys."),
    ("jobs", _KEEP, "List jobs, and queue dead ones again."),
)


def usage(error: CycloptsError) -> object:
    """Say in one line what is wrong with the arguments."""
    from rich.text import Text

    text = " ".join(str(error).split())
    return Text(f"repaircore: {text} See --help.", no_wrap=True, overflow="ignore")


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
        error_formatter=usage,
    )
    for name, group, help in _COMMANDS:
        module = name.replace("-", "_")
        app.command(f"repaircore.entrypoints.cli.{module}:app", name=name, help=help, group=group)
    return app


app = build()
