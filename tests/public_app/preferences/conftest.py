"""Somebody with an account, and the links in his mails."""

from typing import NamedTuple

import pytest

from shared import accounts, preferences
from shared.preferences import Kind
from shared.sharding import read, transaction
from tests.factories.listings import seller


class Reader(NamedTuple):
    """Somebody who gets mail; `key` is the site's secret."""

    owner: int
    key: bytes

    def token(self, purpose: str = preferences.PREFERENCES) -> str:
        """What the links in his mails carry."""
        with read(self.owner) as session:
            contact = accounts.contact(session)
        assert contact is not None
        return preferences.mint(self.key, contact, purpose)

    def wanted(self) -> set[Kind]:
        """The kinds that he gets."""
        with read(self.owner) as session:
            return {kind for kind, wanted in preferences.choices(session).items() if wanted}

    def bounce(self) -> None:
        """Have mail to him come back until it is not sent any more."""
        with transaction(self.owner) as session:
            contact = accounts.contact(session)
            assert contact is not None
            preferences.count(session, contact.email)
            session.flush()  # made here, raised below
            session.get_one(preferences.MailBounce, self.owner).days = preferences.DAYS_TO_STOP

    def bounces(self) -> bool:
        """Whether his mail is held back."""
        with read(self.owner) as session:
            return preferences.stopped(session)


@pytest.fixture(params=["active", "guest", "pending"])
def reader(request, app) -> Reader:
    return Reader(seller(state=request.param), app.config["SECRET_KEY"])


@pytest.fixture
def member(app) -> Reader:
    return Reader(seller(), app.config["SECRET_KEY"])
