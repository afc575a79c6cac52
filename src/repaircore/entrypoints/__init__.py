"""Ways in: HTTP, worker and command line. They parse, call a use case and answer; nothing is decided here."""
