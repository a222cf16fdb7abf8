"""Kill -9, at a named step or at any moment, to a process or to Redis under its hands."""

import contextlib
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass

from jobs.chaos.site import STEPS, Site
from shared.steps import Step

# Words of the command line by which each kind of process is known.
SERVICES = {
    "relay": ("jobs.relay",),
    "worker": ("jobs.worker",),
    "scheduler": ("jobs.scheduler",),
    "webhooks": ("jobs.webhooks",),
    "redis": ("redis.sock", "--appendonly"),
}
# Where Redis dies while the process at the step lives on: before and after each enqueue, and under a job.
_UNDER_REDIS = (
    Step.RELAY_NUMBERED,
    Step.RELAY_ENQUEUED,
    Step.RELAY_ADOPTED,
    Step.CONSUMER_BEGUN,
    Step.CONSUMER_MARKED,
    Step.SCHEDULER_ENTERED,
    Step.SCHEDULER_ENQUEUED,
)


@dataclass(frozen=True, slots=True)
class Blow:
    """One kill: of a service's process at once, or at a step, to whoever reaches it or to Redis."""

    service: str
    step: Step | None = None


def plan(rng: random.Random, kills: int) -> list[Blow]:
    """`kills` blows in random order: each step once if there are enough, then Redis at steps, then any moment."""
    blows = [Blow("", step) for step in rng.sample(list(Step), len(Step))]
    blows += [Blow("redis", step) for step in rng.sample(_UNDER_REDIS, len(_UNDER_REDIS))]
    blows += [Blow(name) for name in SERVICES]
    while len(blows) < kills:
        blows.append(Blow(rng.choice(list(SERVICES))))
    return rng.sample(blows, kills)


class Killer:
    """Strikes, and counts what hit. An order for a step waits until somebody gets there."""

    def __init__(self, site: Site, rng: random.Random) -> None:
        self._site, self._rng = site, rng
        self._orders = site.settings.var / STEPS
        self._waiting: dict[Step, str] = {}
        self._hit: Counter[str] = Counter()

    def strike(self, blow: Blow) -> None:
        """Kill now, or order it; a step that has an order keeps it."""
        if blow.step is None:
            self._kill(blow.service)
        elif blow.step not in self._waiting:
            self._order(blow.step, blow.service)

    def _kill(self, service: str) -> None:
        if pids := self._site.pids(*SERVICES[service]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._rng.choice(pids), signal.SIGKILL)
                self._hit[service] += 1

    def _order(self, step: Step, service: str) -> None:
        victims = self._site.pids(*SERVICES[service]) if service else []
        if service and not victims:  # it is dead already
            return
        unfinished = self._orders / f".{step}"
        unfinished.write_text(str(victims[0]) if victims else "")
        unfinished.rename(self._orders / step)
        self._waiting[step] = f"{service} at {step}" if service else str(step)

    def hits(self) -> Counter[str]:
        """How often what was killed so far, by service or step."""
        for step in [step for step in self._waiting if not (self._orders / step).exists()]:
            self._hit[self._waiting.pop(step)] += 1
        return self._hit

    def withdraw(self) -> list[str]:
        """Take back the orders that nobody met; returns them."""
        self.hits()
        missed = sorted(self._waiting.values())
        for step in self._waiting:
            (self._orders / step).unlink(missing_ok=True)
        self._waiting.clear()
        return missed
