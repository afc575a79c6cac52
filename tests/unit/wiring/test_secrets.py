"""The secret of a development shop: made once, whoever starts first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from repaircore.wiring.secrets import root_secrets
from repaircore.wiring.settings import Settings

_PROGRAMS = 8


def test_programs_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    """None reads half of it, none makes its own, and nothing else is left beside it."""
    settings = Settings(name="Shop", profile="repair-bench", currency="GBP", country="GB", timezone="Europe/London")
    together = Barrier(_PROGRAMS)

    def start(folder: Path) -> tuple[bytes, ...]:
        together.wait()
        return root_secrets(settings, folder)

    with ThreadPoolExecutor(_PROGRAMS) as programs:
        for number in range(20):
            folder = tmp_path / str(number)
            secrets = {*programs.map(start, [folder] * _PROGRAMS)}
            assert len(secrets) == 1
            assert [len(each) for each in secrets.pop()] == [64]
            assert [each.name for each in (folder / "var").iterdir()] == ["secret.key"]
