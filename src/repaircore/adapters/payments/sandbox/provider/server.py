"""The sandbox as a server of its own, on a loopback port."""

from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from attrs import define, field

from repaircore.adapters.payments.sandbox.provider.account import Account
from repaircore.adapters.payments.sandbox.provider.app import build_app
from repaircore.adapters.payments.sandbox.provider.courier import Post
from repaircore.adapters.payments.sandbox.provider.desk import DESK, Desk
from repaircore.ports.clock import Clock


@define
class SandboxServer:
    """`async with SandboxServer(account, clock=clock) as server: … server.base_url`. Port 0 takes a free one."""

    account: Account
    clock: Clock = field(kw_only=True)
    host: str = field(default="127.0.0.1", kw_only=True)
    port: int = field(default=0, kw_only=True)
    state: Path | None = field(default=None, kw_only=True)
    post: Post | None = field(default=None, kw_only=True)
    _runner: web.AppRunner | None = field(default=None, init=False)
    _desk: Desk | None = field(default=None, init=False)

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def desk(self) -> Desk:
        """Its books, webhooks and planned faults, for whoever runs it in the same process."""
        if self._desk is None:
            raise RuntimeError("the sandbox is not running")
        return self._desk

    async def start(self) -> None:
        """Listen."""
        app = build_app(self.account, clock=self.clock, state=self.state, post=self.post)
        self._desk = app[DESK]
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Let go of the port. News that was not accepted is kept in the state file."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
