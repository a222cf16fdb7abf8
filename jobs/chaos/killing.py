"""Kill -9, at a named step or at any moment, to a process or to Redis under its hands; and a Redis that forgets."""

import contextlib
import math
import os
import random
import signal
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass

from jobs.chaos.site import STEPS, Site
from shared.queues import RedisError, connect
from shared.steps import Step

# Words of the command line by which each kind of process is known.
SERVICES = {
    "relay": ("jobs.relay",),
    "worker": ("jobs.worker",),
    "scheduler": ("jobs.scheduler",),
    "webhooks": ("jobs.webhooks",),
    "redis": ("redis.sock", "--appendonly"),
}
# Everything that is in Redis is gone, after so long without whoever takes jobs from there: so there is something.
EMPTIED = "redis emptied"
_TAKERS, _PILE_UP_SECONDS = ("jobs.worker", "events"), 1.0
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
    """One kill: of a service's process at once, or at a step, to whoever reaches it or to Redis. Or Redis emptied."""

    service: str
    step: Step | None = None


def plan(rng: random.Random, kills: int) -> list[Blow]:
    """`kills` blows in random order: if there are enough, each step once, Redis at steps and emptied, each service."""
    blows = [Blow("", step) for step in Step]
    blows += [Blow("redis", step) for step in _UNDER_REDIS]
    blows += [Blow(name) for name in (EMPTIED, *SERVICES)]
    while len(blows) < kills:
        blows.append(Blow(rng.choice(list(SERVICES))))
    return rng.sample(blows, kills)


class Killer:
    """Strikes, and counts what hit. An order for a step waits until somebody gets there, the next one behind it."""

    def __init__(self, site: Site, rng: random.Random) -> None:
        self._site, self._rng = site, rng
        self._orders = site.settings.var / STEPS
        # By step: whom the orders are for, and what the file of the first of them says.
        self._waiting: defaultdict[Step, deque[str]] = defaultdict(deque)
        self._given: dict[Step, str] = {}
        self._empty_at = math.inf
        self._hit: Counter[str] = Counter()

    def strike(self, blow: Blow) -> None:
        """Do it now, or have it ordered by `tend`."""
        if blow.step is not None:
            self._waiting[blow.step].append(blow.service)
        elif blow.service == EMPTIED:
            for taker in self._site.pids(*_TAKERS):
                _end(taker)
            self._empty_at = time.monotonic() + _PILE_UP_SECONDS
        elif (pids := self._site.pids(*SERVICES[blow.service])) and _end(self._rng.choice(pids)):
            self._hit[blow.service] += 1

    def tend(self) -> bool:
        """Count the orders that were met and give the next ones; True while any waits. To be called often."""
        for step in [step for step in self._given if not (self._orders / step).exists()]:
            del self._given[step]
            self._hit[_words(step, self._waiting[step].popleft())] += 1
        redis = next(iter(self._site.pids(*SERVICES["redis"])), None)
        for step, services in self._waiting.items():
            # A dead Redis cannot be named; one that was started again has another number.
            if services and (not services[0] or redis):
                self._order(step, str(redis) if services[0] else "")
        if time.monotonic() >= self._empty_at:
            self._empty()
        return any(self._waiting.values())

    def hits(self) -> dict[str, int]:
        """How often what was struck so far, by service or step."""
        return dict(sorted(self._hit.items()))

    def withdraw(self) -> list[str]:
        """Take back the orders that nobody met; returns them."""
        self.tend()
        for step in self._given:
            (self._orders / step).unlink(missing_ok=True)
        return sorted(_words(step, service) for step, services in self._waiting.items() for service in services)

    def _order(self, step: Step, victim: str) -> None:
        if self._given.get(step) != victim:
            unfinished = self._orders / f".{step}"
            unfinished.write_text(victim)
            unfinished.rename(self._orders / step)
            self._given[step] = victim

    def _empty(self) -> None:
        with contextlib.suppress(RedisError):
            connect(self._site.settings.redis_url).flushall()
            self._hit[EMPTIED] += 1
            self._empty_at = math.inf


def _words(step: Step, service: str) -> str:
    return f"{service} at {step}" if service else str(step)


def _end(pid: int) -> bool:
    """Kill it; False when it was gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
