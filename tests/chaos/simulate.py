"""Run worlds by their numbers: `python -m tests.chaos.simulate --seed 7`, or `--seeds 100000` of them."""

import argparse
import sys
from hashlib import sha256

from attrs import frozen

from tests.chaos.simulation.laws import LAWS
from tests.chaos.simulation.loop import NothingMoves
from tests.chaos.simulation.variants import BROKEN, HONEST, Variant
from tests.chaos.simulation.world import World


@frozen
class Outcome:
    """What came of a world. The same number gives the same fingerprint, wherever it is run."""

    seed: int
    broken: tuple[str, ...]
    faults: dict[str, int]
    fingerprint: str


def simulate(seed: int, variant: Variant = HONEST) -> Outcome:
    """Run the world of that number to its end, and look whether the laws hold."""
    world = World(seed, variant)
    try:
        world.run()
        broken = tuple(f"{name}: {what}" for name, law in LAWS.items() for what in law(world))
    except NothingMoves as still:
        broken = (f"it came to a standstill: {still}",)
    finally:
        world.loop.end()
    return Outcome(seed, broken, world.weather.faults, _fingerprint(world))


def _fingerprint(world: World) -> str:
    state = world.storage.state
    told = (
        [f"{event.position} {event.name} {event.aggregate_id} {event.at}" for event in state.events.values()],
        [f"{message.key}" for message in world.mailer.sent],
        [f"{key} {held.outcome}" for key, held in world.gateway.payments.items()],
        world.weather.faults,
        world.loop.now,
    )
    return sha256(repr(told).encode()).hexdigest()[:16]


def first_caught(variant: Variant, seeds: range) -> Outcome | None:
    """Answer the first world in which that variant is found out."""
    return next((outcome for outcome in (simulate(seed, variant) for seed in seeds) if outcome.broken), None)


def main() -> None:
    """Tell of every world in which a law is broken; exit with 1 when there is one."""
    parser = argparse.ArgumentParser(description="Run simulated worlds by their numbers.")
    parser.add_argument("--seed", type=int, help="the one world to run")
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds to run")
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--variant", choices=sorted(BROKEN), help="run a broken variant instead")
    asked = parser.parse_args()
    variant = BROKEN[asked.variant] if asked.variant else HONEST
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    failed = 0
    for seed in seeds:
        outcome = simulate(seed, variant)
        failed += bool(outcome.broken)
        if outcome.broken or asked.seed is not None:
            print(f"seed {seed}: {outcome.fingerprint}, faults {outcome.faults}", flush=True)
        for line in outcome.broken:
            print(f"  {line}", flush=True)
    print(f"{len(seeds)} worlds, {failed} in which a law was broken")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
