"""Accounts for tests, made through the room's own verbs, and what their mails would carry."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared import accounts
from shared.accounts.models import User
from shared.events import EventRow
from shared.ids import compose
from shared.sharding import read, transaction
from tests.factories.settings import settings

PASSWORD = "wolf hall of mirrors"
NETWORK = "192.0.2.7/32"


def configure(**changes: Any) -> None:
    """The policy of the tests: bcrypt at its lowest cost."""
    accounts.configure(settings(Path("/nonexistent"), **changes))


def pending(email: str = "anna@example.org", password: str = PASSWORD, name: str = "Anna") -> int:
    """An account that is not confirmed; returns the owner."""
    owner = accounts.sign_up(email, password, name)
    assert owner is not None
    return owner


def confirmed(email: str = "anna@example.org", password: str = PASSWORD, name: str = "Anna") -> int:
    """An account that can be logged in to; returns the owner."""
    owner = accounts.create_confirmed(email, password, name)
    assert owner is not None
    return owner


def mailed(owner: int, purpose: str) -> str:
    """The token that a mail to the owner carries."""
    with transaction(owner) as session:
        return accounts.mint_link(session, purpose)


def mailed_address_change(owner: int) -> str:
    """The token of the address change that was asked for last."""
    asked = [event for event in events(owner) if event.type == "AddressChangeAsked"]
    with transaction(owner) as session:
        token = accounts.mint_for(session, asked[-1].body["link"])
    assert token is not None
    return token


def user(owner: int) -> User:
    """The owner's row."""
    with read(owner) as session:
        found = session.get(User, compose(owner, 0))
    assert found is not None
    return found


def events(owner: int) -> list[EventRow]:
    """What the owner's shard recorded of him, in order."""
    with read(owner) as session:
        statement = select(EventRow).where(EventRow.owner == owner).order_by(EventRow.id)
        return list(session.execute(statement).scalars())
