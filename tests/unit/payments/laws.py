"""How laws are tried: on the product, where they hold, and on a variant that breaks them, where they must not."""

from hypothesis import HealthCheck, Phase, settings

LAWFUL = settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
FIRST_BREACH = settings(LAWFUL, max_examples=400, phases=[Phase.generate])  # no looking for a smaller example
CURRENCIES = ("GBP", "USD", "JPY", "KWD", "INR", "ISK")
