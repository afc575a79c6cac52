"""Payment providers: one package or module per provider, each with `build(settings, *, clock, environment)`."""
