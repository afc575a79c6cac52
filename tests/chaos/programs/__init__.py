"""Real servers and workers, killed without a warning, and what their clients were told."""
