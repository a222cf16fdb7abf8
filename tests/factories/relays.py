"""Addresses for answers by mail, in a process that receives it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import update

from shared import messaging
from shared.config import Settings
from shared.sharding import current, transaction
from shared.sharding.models import ScopeState
from tests.factories import accounts
from tests.factories.messages import Pair, carry_all, open_thread, pair, write
from tests.factories.settings import settings

DOMAIN = "market.example"


@contextmanager
def receiving(var: Path, **changes: Any) -> Iterator[Settings]:
    """A site whose mail for DOMAIN comes in, while the block runs."""
    chosen = settings(var, mail_domain=DOMAIN, **changes)
    accounts.configure()
    messaging.configure(chosen)
    yield chosen
    messaging.configure(settings(var))


def talking() -> Pair:
    """A buyer who has asked "Is it still there?", and the seller, who has read it."""
    two = pair()
    write(two, two.buyer)
    carry_all()
    return two


def relay(two: Pair, owner: int) -> str:
    """The address by which `owner` answers the other of the pair."""
    with transaction(owner) as session:
        return messaging.mint_relay(open_thread(session, two))


@contextmanager
def moving(owner: int) -> Iterator[None]:
    """While the block runs, the owner's shard hands his rows over and answers nobody."""
    _set_mode(owner, "hand")
    try:
        yield
    finally:
        _set_mode(owner, "act")


def _set_mode(owner: int, mode: str) -> None:
    scope = current().placement.lookup("user", owner)
    this = update(ScopeState).where(ScopeState.ks == "user", ScopeState.lo == scope.lo)
    with current().shard(scope.shard).writer.begin() as connection:
        connection.execute(this.values(mode=mode))
