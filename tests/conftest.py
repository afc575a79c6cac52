"""What every test shares: properties try the same examples on every run, so that a green suite stays green.

`HYPOTHESIS_PROFILE=explore` looks for new ones instead.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

pytest_plugins = ("tests.servers.plugin",)
