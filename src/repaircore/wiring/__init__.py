"""The composition root: settings → providers → `Core`. The only place that knows every name."""
