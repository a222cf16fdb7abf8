"""The process that makes the streams: an app of one route, a thread for each open page and no more than are set.

A stream asks the database for what is new, says it once, and ends: what it sent replaces the element that had opened
it by one that opens the next. So the page itself knows how far it has read, and whatever is lost is asked for again.
"""

import logging
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, current_app
from flask_login import current_user, login_required
from jinja2 import Template
from sqlalchemy.exc import SQLAlchemyError

from public_app import install_login
from public_app.accounts.routes import recognise
from public_app.health.alive import healthz
from public_app.messaging.showing import shown
from shared import accounts, ids, messaging
from shared.config import Settings
from shared.errors import MarketError
from shared.sharding import read
from shared.web import caching, cookies, csrf, factory, query
from shared.web.relaying import busy

log = logging.getLogger(__name__)

LONGEST_SECONDS = 25.0
POLL_SECONDS = 1.0
# So often a silent stream says that it is there: whoever has hung up is noticed by that.
HEARTBEAT_SECONDS = 5.0
# Over HTTP/1.1 a browser has six connections to a site, and needs some to read it.
MOST_OF_A_USER = 3
# The browser comes again after so long, not all of them in the same moment.
_COME_AGAIN_MILLISECONDS = (1000, 3000)

_LINE_END = re.compile(r"\r\n|\r|\n")

blueprint = Blueprint("streams", __name__)


def create_app(settings: Settings, *, testing: bool = False) -> Flask:
    """The app for `settings`. The caller has configured `shared.ids` and `shared.sharding` before."""
    app = factory.SyncFlask("public_app", static_folder=None)
    app.config["SETTINGS"] = settings
    factory.furnish(app, settings, "shared", "public", testing=testing)
    install_login(app)
    recognise(app)
    app.extensions["places"] = Places(settings.streams)
    # Once set, every stream ends.
    app.extensions["ending"] = threading.Event()
    app.add_url_rule("/healthz", view_func=healthz)
    app.jinja_env.globals["live"] = True
    app.register_blueprint(blueprint)
    return app


class Places:
    """How many streams are open, in all and for each user."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._taken: Counter[int] = Counter()

    def take(self, owner: int) -> bool:
        """Take a place; False when there is none for this user."""
        with self._lock:
            if self._taken.total() >= self._most or self._taken[owner] >= MOST_OF_A_USER:
                return False
            self._taken[owner] += 1
            return True

    def give_back(self, owner: int) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= Counter({owner: 1})  # forgets it at zero


@blueprint.get("/account/messages/<int:public>/live")
@login_required
def thread(public: int) -> Response:
    """What comes into one of the reader's threads after the message with the number `after`."""
    owner, places = current_user.owner, current_app.extensions["places"]
    after = query.whole("after") or 0
    thread_id = ids.from_public(public) if public <= ids.MAX_ID else 0
    with read(owner) as session:
        messaging.thread(session, thread_id)
    template = current_app.jinja_env.get_template("public/live/messages.html")
    if not places.take(owner):
        return caching.no_store(busy())
    news = _News(owner, thread_id, after, cookies.read(csrf.SESSION), template)
    stream = Stream(news, lambda: places.give_back(owner), current_app.extensions["ending"])
    return caching.no_store(Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"}))


class Stream:
    """The body of a stream. Not a generator: one that was never begun would not give its place back."""

    def __init__(self, ask: Callable[[], str], give_back: Callable[[], None], ending: threading.Event) -> None:
        """`ask` says what is new as HTML, "" when nothing is; `give_back` is called once, at the end."""
        self._events = _events(ask, ending)
        self._give_back: Callable[[], None] | None = give_back

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events).encode()

    def close(self) -> None:
        """The reader has hung up, or it is over. May be called again."""
        self._events.close()
        if self._give_back is not None:
            self._give_back()
            self._give_back = None


def _events(ask: Callable[[], str], ending: threading.Event) -> Generator[str, None, None]:
    """What is new, said once, or nothing for so long (WHATWG HTML, 9.2)."""
    yield f"retry: {random.randint(*_COME_AGAIN_MILLISECONDS)}\n\n"
    started = spoken = time.monotonic()
    while time.monotonic() - started < LONGEST_SECONDS - POLL_SECONDS:
        if html := ask():
            yield event("message", html)
            return
        if time.monotonic() - spoken >= HEARTBEAT_SECONDS:
            spoken = time.monotonic()
            yield ":\n\n"
        if ending.wait(POLL_SECONDS):
            return


def event(name: str, data: str) -> str:
    """One event; whatever ends a line for the browser ends one here."""
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in _LINE_END.split(data)) + "\n"


@dataclass(slots=True)
class _News:
    """What came into a thread of `owner` after the message with the number `after`, while his session lasts."""

    owner: int
    thread: int
    after: int
    cookie: str
    template: Template

    def __call__(self) -> str:
        """What came in since it was asked for last, as HTML; "" when nothing did."""
        try:
            if messaging.newest(self.owner, self.thread) <= self.after:
                return ""
            # It may have been ended since the stream was opened.
            if accounts.load_session(self.cookie) is None:
                return ""
            with read(self.owner) as session:
                thread = messaging.thread(session, self.thread)
                rows = messaging.newer(session, thread, self.after)
        except (MarketError, SQLAlchemyError) as error:
            # Deleted meanwhile, or the database is away: the page goes on without.
            log.info("a stream found nothing: %s", type(error).__name__)
            return ""
        # What is more than a page comes with the next question.
        self.after = rows[-1].number if len(rows) == messaging.PAGE else max(self.after, thread.last)
        return self.template.render(**shown(thread, rows), after=self.after) if rows else ""
