"""The mails of the site's processes, made by the consumers as the relay and the workers would have them run."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs import consumers, mailing
from shared import accounts
from shared.config import Settings
from shared.events.relay import number_pending
from shared.gateways.mail import MaildirMailer, StoredMail
from shared.sharding import current


@contextmanager
def mailing_by(settings: Settings) -> Iterator[None]:
    """Have mails go where `settings` say while the block runs."""
    accounts.configure(settings)
    made = (mailing._mailer, mailing._templates)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailing, "settings", lambda: settings)
        for cached in made:
            cached.cache_clear()
        try:
            yield
        finally:
            for cached in made:
                cached.cache_clear()


def run_consumers() -> list[str]:
    """Hand every pending event to every interested consumer; returns the names of those that ran."""
    ran = []
    for shard in current().names("user"):
        for due in number_pending(shard):
            for each in consumers.subscriptions().get(due.type, ()):
                consumers.consume(each.name, due.id)
                ran.append(each.name)
    return ran


def token_in(text: str, path: str) -> str:
    """The token of the first link in a mail that begins with `path`."""
    found = re.search(rf"http://127\.0\.0\.1:8000{path}([A-Za-z0-9_.=-]+)", text)
    assert found is not None, text
    return found[1]


def the_only_mail(maildir: MaildirMailer) -> StoredMail:
    """The one mail that there is."""
    (only,) = maildir.messages()
    return maildir.message(only.key)
