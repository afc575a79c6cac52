"""Rate limits of a real shop: from its business file, and shared by way of a real Valkey that is killed under load."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession

from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.worker import TroubleReports
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from tests.http.asking import Client
from tests.servers.valkey import ValkeyServer, running_valkey

EXAMPLE = Path(__file__).parents[3] / "examples" / "revivatech"


def copy_of_the_example(folder: Path, limits: str) -> None:
    """Write the example business with limits of its own."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "business.toml").write_text((EXAMPLE / "business.toml").read_text() + limits)


@asynccontextmanager
async def shop_with(
    folder: Path, limits: str, *, changed: Callable[[Core], Core] = lambda core: core
) -> AsyncIterator[Client]:
    """The example shop, with limits of its own; its core perhaps changed."""
    copy_of_the_example(folder, limits)
    log = BytesIO()
    async with AsyncExitStack() as open_:
        listener = open_.enter_context(bound("127.0.0.1", 0))
        core = await open_.enter_async_context(
            open_core(folder / "business.toml", data_dir=folder, on_trouble=TroubleReports(JsonLog(log)))
        )
        await open_.enter_async_context(accepting(application(changed(core), log=JsonLog(log)), listener, patience=5))
        session = await open_.enter_async_context(ClientSession())
        yield Client(address(listener), session, log)


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")


async def test_usual_limits(tmp_path: Path) -> None:
    """Without a word in the business file every answer tells a limit, and the machine itself is never refused."""
    async with shop_with(tmp_path, "") as client:
        answers = [await client.get("/v1/catalog/brands") for _ in range(1300)]

        assert {each.status for each in answers} == {200}
        assert answers[0].headers["RateLimit-Policy"] == '"read-address";q=1200;w=60'
        assert answers[-1].headers["RateLimit"].startswith('"read-address";r=0;')


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_watching_is_free(tmp_path: Path, path: str) -> None:
    """Whoever watches the server may look as often as it takes."""
    async with shop_with(tmp_path, "\n[limits]\nexempt = []\n[limits.read]\naddress = 1\n") as client:
        answers = [await client.get(path) for _ in range(5)]

        assert {each.status for each in answers} == {200}
        assert "RateLimit" not in answers[0].headers


async def test_webhooks_are_free(tmp_path: Path) -> None:
    """A provider that sends a thousand webhooks in a minute has a thousand to send."""
    async with shop_with(tmp_path, "\n[limits]\nexempt = []\n[limits.write]\naddress = 1\n") as client:
        answers = [await client.post("/v1/webhooks/sandbox", {}) for _ in range(5)]

        assert {each.json["code"] for each in answers} == {"invalid_signature"}


def shared(server: ValkeyServer, reads: int) -> str:
    """Limits that are counted on that server."""
    return (
        f'\n[limits]\nprovider = "redis"\nexempt = []\n[limits.providers.redis]\nurl = "{server.url}"\npatience_ms = 3000\n'
        f"[limits.read]\naddress = {reads}\nseconds = 600\n[limits.write]\naddress = 100000\n"
    )


async def test_two_servers_share_a_limit(tmp_path: Path) -> None:
    """What a client asked of one server counts at the other."""
    with running_valkey() as valkey:
        settings = shared(valkey, 4)
        async with shop_with(tmp_path / "a", settings) as one, shop_with(tmp_path / "b", settings) as other:
            statuses = [(await each.get("/v1/catalog/brands")).status for each in (one, other, one, other, one, other)]

    assert statuses == [200, 200, 200, 200, 429, 429]
