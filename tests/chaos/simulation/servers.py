"""Server processes over one database: each opens its own core, works off jobs, and dies at any step."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attrs import define, evolve, field

from repaircore.application.operations.worker import Worker
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.operations.business import Business, Environment
from repaircore.ports.errors import PortError
from repaircore.wiring.core import Core, Providers, compose
from tests.chaos.simulation.loop import Program
from tests.unit.pricing.shop import REVIVA, REVIVA_CATALOGUE

if TYPE_CHECKING:
    from tests.chaos.simulation.world import World

T = TypeVar("T")

_BUSINESS = Business(
    name="Example Repairs",
    currency="GBP",
    timezone="Europe/London",
    country="GB",
    profile="repair-bench",
    environment=Environment.TEST,
)


class Lost(Exception):
    """No answer came, for whatever reason."""


@define(eq=False)
class Server:
    """One server process, or the place where it was."""

    world: "World"
    program: Program = field(factory=lambda: Program(alive=False))
    _core: Core | None = field(default=None, init=False)
    _asking: set["asyncio.Future[object]"] = field(factory=set, init=False)

    def start(self) -> None:
        """Start it anew, with nothing in its memory."""
        self.program = Program()
        self.world.loop.within(self.program, self._run())

    def kill(self) -> None:
        """Take its next step away; whoever waits for its answers waits in vain."""
        self.program.alive = False
        self._core = None
        asking, self._asking = self._asking, set()
        for answer in asking:
            if not answer.done():
                answer.set_exception(Lost("the connection was reset"))

    async def ask(self, work: Callable[[Core], Awaitable[T]]) -> T:
        """Send a request over the network and wait for its answer. Raises Lost, or what the request raises."""
        weather = self.world.weather
        await weather.delay()
        core = self._core
        if core is None or weather.strikes("request lost", 0.03):
            raise Lost("the request did not get there")
        if weather.strikes("request twice", 0.05):
            self.world.loop.create_task(self._ask_elsewhere(work))
        answer = self._serve(core, work)
        try:
            answered = await answer
        finally:
            await weather.delay()
        if weather.strikes("answer lost", 0.05):
            raise Lost("the answer did not get here")
        return answered

    async def _ask_elsewhere(self, work: Callable[[Core], Awaitable[T]]) -> None:
        """The same request comes to any of the servers once more, and nobody waits for that answer."""
        await self.world.weather.delay()
        server = self.world.chance.choice(self.world.servers)
        if server._core is not None:
            server._serve(server._core, work)

    def _serve(self, core: Core, work: Callable[[Core], Awaitable[T]]) -> "asyncio.Future[T]":
        answer: asyncio.Future[T] = self.world.loop.create_future()
        self._asking.add(answer)  # type: ignore[arg-type]
        self.world.loop.within(self.program, self._answer(core, work, answer))
        return answer

    async def _answer(self, core: Core, work: Callable[[Core], Awaitable[T]], answer: "asyncio.Future[T]") -> None:
        try:
            answered = await work(core)
        except Exception as error:
            answer.set_exception(error)
            answer.exception()  # the answer to a request that came twice is read by nobody
        else:
            answer.set_result(answered)
        self._asking.discard(answer)

    async def _run(self) -> None:
        core = self._compose()
        while self._core is None:
            try:
                await core.rulebooks.load()
                if not core.rulebooks.prices.publications:
                    await core.publish(REVIVA)
            except PortError:
                await asyncio.sleep(0.1)
            else:
                self._core = core
        worker = self.world.variant.worker(evolve(core.operations.worker, lease_seconds=5.0, longest_rest=30.0))
        while True:
            await self._work(worker)

    async def _work(self, worker: Worker) -> None:
        try:
            await worker.run(asyncio.Event())
        except PortError:
            await asyncio.sleep(1)

    def _compose(self) -> Core:
        world = self.world
        providers = Providers(
            storage=world.storage,
            queue=world.storage.jobs,
            gateways={"memory": world.gateway},
            default_gateway="memory",
            breakers={},
            mailer=world.mailer,
            templates=world.templates,
            clock=world.clock,
            ids=world.ids,
        )
        return compose(
            _BUSINESS,
            PriceBook(REVIVA_CATALOGUE),
            providers,
            secrets=(b"s" * 32,),
            data_dir=Path(),
            on_failure=lambda job, error, dead: None,
        )
