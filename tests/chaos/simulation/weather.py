"""What goes wrong, and when: everything is drawn from one stream of chance."""

import asyncio
from random import Random

from attrs import define, field


@define
class Weather:
    """While it storms anything may fail; afterwards things only take their time."""

    chance: Random
    stormy: bool = True
    faults: dict[str, int] = field(factory=dict)

    def strikes(self, fault: str, probability: float) -> bool:
        """Whether that goes wrong this time."""
        struck = self.chance.random() < probability and self.stormy
        if struck:
            self.faults[fault] = self.faults.get(fault, 0) + 1
        return struck

    async def delay(self, usual: float = 0.01) -> None:
        """Take a while: mostly about `usual` seconds, sometimes far longer."""
        await asyncio.sleep(self.chance.expovariate(1 / usual))
