"""The sender of webhooks: one thread asks SQL whose turn it is and records what came back, others wait for receivers.

SQL alone says what is due, so no queue can lose it: what a killed sender had taken is due again when its lease ends.
Receivers that answer promptly and those that do not are served from two lanes, so that the slow never keep the prompt
waiting; an attempt that takes longer than a moment makes room in its lane for the next. Sellers share a lane fairly.
"""

import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

from sqlalchemy.exc import OperationalError

from jobs import boot
from shared import sharding, webhooks
from shared.gateways.webhooks import DEADLINE_SECONDS, Sender
from shared.ids import owner_of
from shared.sharding import ScopeMoved, unit_of_work
from shared.steps import Step, reached
from shared.webhooks import Answer, Attempt

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.25
# The more are under way, the more come back together and share a transaction: 48 cost a third less work each than 16.
PROMPT_ROOM, SLOW_ROOM, THREADS = 48, 32, 112
# An attempt that takes longer no longer counts as prompt.
PROMPT_SECONDS = 2.0
# An endpoint whose turn ended in an error nobody foresaw must not be the only one that gets turns.
REST_SECONDS = 60.0
# A database that is away may take its whole connect timeout to say so, while everybody else waits.
AWAY_SECONDS = 5.0
_Answers = list[tuple[Attempt, Answer]]


def main() -> None:
    """Send until SIGTERM; what is under way then is still recorded."""
    settings = boot.boot()
    boot.stop_on_signals()
    dispatcher = Dispatcher(Sender(settings.public_url, loopback=settings.webhook_loopback).send)
    while not boot.stop.is_set():
        if not dispatcher.step():
            dispatcher.wait(IDLE_SECONDS)
    dispatcher.finish(DEADLINE_SECONDS + 1)


class Dispatcher:
    """Whose turn it is, what is under way, and what came back. All but `send` runs in the thread that calls it."""

    def __init__(self, send: Callable[[Attempt], Answer]) -> None:
        self._send = send
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        # By delivery: when its attempt began, and whether it counts as slow from the start.
        self._under_way: dict[int, tuple[float, bool]] = {}
        self._back: SimpleQueue[tuple[Attempt, Answer]] = SimpleQueue()
        self._answers: defaultdict[int, _Answers] = defaultdict(list)
        # Until when endpoints, by id, and shards, by name, are left alone.
        self._resting: dict[int | str, float] = {}

    def step(self) -> bool:
        """Record what came back and begin what is due; True when there was anything of either.

        Who has waited longest comes first, and only then who has just been served and could go on.
        """
        self._collect()
        self._wake()
        busy = False
        for slow in (False, True):
            for endpoint in self._due(slow=slow):
                busy = self._turn(endpoint, slow=slow) or busy
        for endpoint in self._answered():
            busy = self._turn(endpoint) or busy
        return busy

    def wait(self, seconds: float) -> None:
        """Until something comes back, but no longer than this."""
        with suppress(Empty):
            self._came_back(*self._back.get(timeout=seconds))

    def finish(self, seconds: float) -> None:
        """Begin nothing more, and record what comes back in time."""
        until = time.monotonic() + seconds
        while (self._under_way or self._answered()) and time.monotonic() < until:
            self.wait(IDLE_SECONDS)
            self._collect()
            self._wake()
            for endpoint in self._answered():
                self._turn(endpoint, begin=False)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> None:
        with suppress(Empty):
            while True:
                self._came_back(*self._back.get_nowait())

    def _came_back(self, attempt: Attempt, answer: Answer) -> None:
        self._under_way.pop(attempt.delivery, None)
        self._answers[attempt.endpoint].append((attempt, answer))

    def _answered(self) -> list[int]:
        """Endpoints with answers to be recorded, but for those that rest."""
        return [each for each in self._answers if not self._rests(each)]

    def _due(self, *, slow: bool) -> Iterable[int]:
        """Endpoints whose turn it is, as long as their lane has room."""
        names = sharding.current().names("user")
        for shard in random.sample(names, len(names)):  # none of them is always first
            if shard in self._resting or (room := self._room(slow=slow)) <= 0:
                continue
            held = Counter(map(owner_of, self._under_way))
            full = [owner for owner, his in held.items() if his >= room]
            try:
                found = webhooks.due(shard, slow=slow, limit=room + len(self._resting), passing_over=full)
            except Exception as error:  # whatever is wrong with one shard is no reason to send nothing from the others
                self._rest(shard, AWAY_SECONDS, error)
                continue
            yield from found

    def _room(self, *, slow: bool) -> int:
        """How many attempts may still begin in a lane."""
        now = time.monotonic()
        dragging = sum(slow or now - began > PROMPT_SECONDS for began, slow in self._under_way.values())
        threads = THREADS - len(self._under_way)
        return min(threads, SLOW_ROOM - dragging if slow else PROMPT_ROOM - (len(self._under_way) - dragging))

    def _share(self, owner: int, *, slow: bool) -> int:
        """How many attempts one owner may begin in a lane: until as much is free there as he has under way.

        However much he has to send, whoever comes next finds room: dynamic thresholds (Choudhury and Hahne, 1998).
        """
        his = sum(owner_of(delivery) == owner for delivery in self._under_way)
        return max(self._room(slow=slow) - his + 1, 0) // 2

    def _turn(self, endpoint: int, *, slow: bool = False, begin: bool = True) -> bool:
        """One endpoint's turn: its answers recorded and its next attempts begun. Answers that could not be are kept."""
        if self._rests(endpoint):
            return False
        answers = self._answers.get(endpoint, [])
        slow = not _prompt(answers) if answers else slow
        room = self._share(owner_of(endpoint), slow=slow) if begin else 0
        if not answers and not room:
            return False
        if answers:
            reached(Step.WEBHOOK_SENT)
        taken = self._commit(endpoint, answers, room)
        if taken is None:
            return False
        if answers:
            reached(Step.WEBHOOK_RECORDED)
            del self._answers[endpoint]
        if taken:
            reached(Step.WEBHOOK_CLAIMED)
        for attempt in taken:
            self._under_way[attempt.delivery] = (time.monotonic(), slow)
            self._pool.submit(self._carry_out, attempt)
        return bool(answers or taken)

    def _commit(self, endpoint: int, answers: _Answers, room: int) -> list[Attempt] | None:
        """What was taken; None when that is for another time.

        When it went wrong, the endpoint or its whole shard is left alone for a while.
        """
        work = partial(webhooks.turn, endpoint_id=endpoint, answers=answers, room=room)
        try:
            return unit_of_work(owner_of(endpoint), work)
        except OperationalError as error:
            self._rest(_shard_of(endpoint), AWAY_SECONDS, error)
        except ScopeMoved as error:
            self._rest(endpoint, AWAY_SECONDS, error)
        except Exception as error:
            self._rest(endpoint, REST_SECONDS, error)
            log.exception("the turn of webhook endpoint %s failed", endpoint)
            if answers:  # what the receiver wrote may be what went wrong: the next time without it
                self._answers[endpoint] = [(attempt, answer.bare()) for attempt, answer in answers]
        return None

    def _rest(self, whom: int | str, seconds: float, error: Exception) -> None:
        log.warning("%s will be tried again in %g s: %s", whom, seconds, type(error).__name__)
        self._resting[whom] = time.monotonic() + seconds

    def _rests(self, endpoint: int) -> bool:
        return not self._resting.keys().isdisjoint((endpoint, _shard_of(endpoint)))

    def _wake(self) -> None:
        """Forget who has rested enough."""
        now = time.monotonic()
        self._resting = {whom: until for whom, until in self._resting.items() if until > now}

    def _carry_out(self, attempt: Attempt) -> None:
        try:
            answer = self._send(attempt)
        except Exception as error:
            log.exception("sending to webhook endpoint %s failed", attempt.endpoint)
            answer = Answer(0, fault="broken", detail=f"We could not send this ({type(error).__name__}).")
        self._back.put((attempt, answer))


def _shard_of(endpoint: int) -> str:
    return sharding.current().placement.lookup("user", owner_of(endpoint)).shard


def _prompt(answers: _Answers) -> bool:
    return all(answer.accepted and answer.ms <= PROMPT_SECONDS * 1000 for _, answer in answers)


if __name__ == "__main__":
    main()
