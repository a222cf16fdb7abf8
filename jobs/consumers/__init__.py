"""Consumers of events. One decorated function is one consumer; adding one touches one file of this package.

    @consumer(NewUserSignup, queue=MAIL)
    def mail_confirmation(recorded: Recorded) -> None: ...

    @transactional_consumer(ListingSold)
    def note_sale(session: OwnerSession, recorded: Recorded) -> None: ...

The first kind may run more than once for an event (a worker can die after the effect and before the mark), so its
effect is idempotent: by a revision, by a unique row, by a Message-ID. The second kind changes rows of the event's owner
and nothing else.
"""

import importlib
import logging
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from shared import events
from shared.errors import MarketError
from shared.events import Event, Recorded
from shared.ids import owner_of
from shared.observability import new_request_id, request_id
from shared.queues import EVENTS
from shared.sharding import OwnerSession, read, unit_of_work
from shared.steps import Step, reached

log = logging.getLogger(__name__)
Handler = TypeVar("Handler", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Consumer:
    """A named interest in some types of events. A transactional one is handed a session beside the event."""

    name: str
    types: tuple[type[Event], ...]
    queue: str
    handle: Callable[..., None]
    transactional: bool = False


_consumers: dict[str, Consumer] = {}


def consumer(*types: type[Event], queue: str = EVENTS) -> Callable[[Handler], Handler]:
    """Subscribe the decorated `f(recorded)` to `types`, under its own name, which must never change while events wait.

    It opens its own transactions, calls gateways, and must bear to be run twice for an event. An error that another try
    can help (any but a permanent MarketError) is followed by one after a pause; the last one parks the event.
    """
    return partial(_register, types, queue, False)


def transactional_consumer(*types: type[Event], queue: str = EVENTS) -> Callable[[Handler], Handler]:
    """Subscribe the decorated `f(session, recorded)`, whose effect and mark commit together, once.

    `session` is a transaction of the event's owner. Like any unit of work it does nothing but use the session.
    """
    return partial(_register, types, queue, True)


def _register(types: tuple[type[Event], ...], queue: str, transactional: bool, handle: Handler) -> Handler:
    name = handle.__name__
    if name in _consumers and _consumers[name].handle.__module__ != handle.__module__:
        raise ValueError(f"two consumers are called {name}")
    _consumers[name] = Consumer(name, types, queue, handle, transactional)
    return handle


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
    """The job: hand one event to one consumer, unless it has had it. What goes wrong is noted in SQL.

    Raises only when that cannot be noted: the sweep then finds the event without a mark.
    """
    reached(Step.CONSUMER_BEGUN)
    token = request_id.set(new_request_id())
    try:
        _hand_over(load()[name], event_id)
    except MarketError as error:
        if error.permanent:
            _park(name, event_id, f"{error.code}: {error.message}")
        else:
            _try_again(name, event_id, f"{error.code}: {error.message}")
    except Exception as error:
        log.warning("%s failed with event %s", name, event_id, exc_info=True)
        _try_again(name, event_id, f"{type(error).__name__}: {error}")
    finally:
        request_id.reset(token)
    reached(Step.CONSUMER_MARKED)


def _hand_over(one: Consumer, event_id: int) -> None:
    owner = owner_of(event_id)
    with read(owner) as session:
        if events.handled(session, one.name, event_id):
            return
        recorded = events.load(session, event_id)
    if recorded.request_id:
        request_id.set(recorded.request_id)
    if not one.transactional:
        one.handle(recorded)
    unit_of_work(owner, partial(_finish, one, recorded))


def _finish(one: Consumer, recorded: Recorded, session: OwnerSession) -> None:
    """Mark the event; a transactional consumer does its work under the mark, which lets only one worker in."""
    if events.acknowledge(session, one.name, recorded.id) and one.transactional:
        one.handle(session, recorded)
    reached(Step.CONSUMER_HANDLED)


def _park(name: str, event_id: int, reason: str) -> None:
    work: Any = partial(events.acknowledge, consumer=name, event_id=event_id, dead=reason)
    if unit_of_work(owner_of(event_id), work):
        log.error("%s cannot handle event %s: %s", name, event_id, reason)


def _try_again(name: str, event_id: int, reason: str) -> None:
    work: Any = partial(events.postpone, consumer=name, event_id=event_id, reason=reason)
    if not unit_of_work(owner_of(event_id), work):
        log.error("%s gave up on event %s: %s", name, event_id, reason)
