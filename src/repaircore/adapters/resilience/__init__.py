"""What stands between us and a provider that fails: one chain for every provider call.

    deadline → retry → circuit breaker → rate limit → telemetry → the provider

Nothing heavy is imported here; the libraries behind it come with the first call.
"""
