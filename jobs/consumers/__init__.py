"""Consumers of events. One decorated function is one consumer; adding one touches one file of this package.

    @consumer(NewUserSignup, queue=MAIL)
    def mail_confirmation(recorded: Recorded) -> None: ...

A consumer may run more than once for an event (a worker can die after the effect and before the mark), so its effect
is idempotent: by a revision, by a unique row, by a Message-ID.
"""

import importlib
import logging
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from shared import clock, events
from shared.errors import MarketError
from shared.events import Event, Recorded
from shared.ids import owner_of
from shared.observability import new_request_id, request_id
from shared.queues import EVENTS
from shared.sharding import read, unit_of_work

log = logging.getLogger(__name__)
Handler = Callable[[Recorded], None]
# A consumer that still fails after a day has met a poisoned event: it is parked where an operator sees it.
GIVE_UP_AFTER = 86_400


@dataclass(frozen=True, slots=True)
class Consumer:
    """A named interest in some types of events."""

    name: str
    types: tuple[type[Event], ...]
    queue: str
    handle: Handler


_consumers: dict[str, Consumer] = {}


def consumer(*types: type[Event], queue: str = EVENTS) -> Callable[[Handler], Handler]:
    """Subscribe the decorated function to `types`, under its own name, which must never change while events wait."""

    def register(handle: Handler) -> Handler:
        name = handle.__name__
        if name in _consumers and _consumers[name].handle.__module__ != handle.__module__:
            raise ValueError(f"two consumers are called {name}")
        _consumers[name] = Consumer(name, types, queue, handle)
        return handle

    return register


@cache
def load() -> dict[str, Consumer]:
    """Every consumer by name: imports each module of this package once."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_consumers)


@cache
def subscriptions() -> dict[str, tuple[Consumer, ...]]:
    """The consumers of each event type, by the type's name."""
    found: dict[str, tuple[Consumer, ...]] = {}
    for each in load().values():
        for type in each.types:
            found[type.__name__] = (*found.get(type.__name__, ()), each)
    return found


def consume(name: str, event_id: int) -> None:
    """The job: hand one event to one consumer, unless it has had it. Raises what the queue should retry."""
    one, owner = load()[name], owner_of(event_id)
    with read(owner) as session:
        if events.handled(session, name, event_id):
            return
        recorded = events.load(session, event_id)
    token = request_id.set(recorded.request_id or new_request_id())
    try:
        reason = _attempt(one, recorded)
        unit_of_work(owner, lambda session: events.acknowledge(session, name, event_id, dead=reason))
    finally:
        request_id.reset(token)


def _attempt(one: Consumer, recorded: Recorded) -> str | None:
    """Run the handler; the reason when this event can never be handled, None when it was."""
    try:
        one.handle(recorded)
        return None
    except MarketError as error:
        if not error.permanent and clock.now() - recorded.at < GIVE_UP_AFTER:
            raise
        reason = f"{error.code}: {error.message}"
    except Exception as error:
        if clock.now() - recorded.at < GIVE_UP_AFTER:
            raise
        reason = f"{type(error).__name__}: {error}"
    log.error("%s cannot handle event %s: %s", one.name, recorded.id, reason)
    return reason
