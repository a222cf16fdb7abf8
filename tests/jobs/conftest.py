"""A maildir that the consumers mail into, a receiver of webhooks, and an installation for real processes."""

import os
from collections.abc import Iterator

import pytest

from jobs import mailing
from shared.gateways.mail import MaildirMailer
from tests.factories import webhooks
from tests.factories.mails import mailing_by
from tests.factories.settings import settings
from tests.webhook_receiver import receiver


@pytest.fixture
def maildir(tmp_path, fleet) -> Iterator[MaildirMailer]:
    with mailing_by(settings(tmp_path)):
        yield mailing._mailer()


@pytest.fixture(scope="session")
def compiled_places(tmp_path_factory):
    """Compiling the gazetteer takes seconds: once is enough."""
    return tmp_path_factory.mktemp("places")


@pytest.fixture
def environment(fleet, tmp_path, compiled_places):
    """Settings of an installation on the test's own databases."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "cache").symlink_to(compiled_places)
    shards = " ".join(f"{name}={url(database)}" for name, database in fleet.shards.items())
    return {
        **os.environ,
        "STEVESLIST_VAR": str(tmp_path / "var"),
        "STEVESLIST_DIRECTORY_URL": url(fleet.directory),
        "STEVESLIST_SHARDS": shards,
        "STEVESLIST_SECRET_KEY": "s" * 40,
        "STEVESLIST_ID_KEY": "the key of the tests, 16 bytes or more",
    }


def url(database):
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def peer(tmp_path):
    """A receiver of webhooks, a process of its own."""
    with receiver(tmp_path) as running:
        yield running


@pytest.fixture
def loopback() -> None:
    """Webhooks may go to this machine."""
    webhooks.configure(loopback=True)
