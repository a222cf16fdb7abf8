"""From a template to somebody's mailbox: a text part and an HTML part that say the same.

A template is two files, `templates/mail/NAME.txt` and `NAME.html`; the first line of the text is the subject.
"""

import os
from functools import cache
from typing import Any

from jinja2 import Environment

from shared import preferences
from shared.accounts import Contact, contact
from shared.config import Settings
from shared.gateways.mail import Mail, Mailer, MailError, mailer
from shared.preferences import Kind
from shared.sharding import read, unit_of_work
from shared.web.templating import environment

# Part of something that its reader asked for or has to know (RFC 8058 is not for these). All others have a kind.
TRANSACTIONAL = ("accounts/", "operators/", "webhooks/", "alerts/confirm", "listings/manage")


@cache
def settings() -> Settings:
    """The process's settings."""
    return Settings.from_environment(os.environ)


@cache
def _mailer() -> Mailer:
    return mailer(settings().mail_url, settings().mail_from, settings().site_name)


@cache
def _templates() -> Environment:
    found = environment("mail", strict=True)
    found.globals.update(site_name=settings().site_name, site=settings().public_url)
    return found


def send(
    to: str,
    name: str,
    key: str,
    headers: dict[str, str] | None = None,
    *,
    kind: Kind | None = None,
    owner: int | None = None,
    **context: Any,
) -> bool:
    """Render `mail/NAME` and hand it over. `key` makes every attempt at this mail carry the same Message-ID.

    With a `kind` it goes only to an `owner` who wants that kind, and carries the links and headers by which he can
    stop it (RFC 8058). Without one it is TRANSACTIONAL. Name the owner whenever `to` is his address: what comes back
    is then counted. True when it was handed over, False when it was not wanted or his mailbox does not take it. Opens
    sessions of its own, so call it outside of any. Raises MailError; a permanent one need not be tried again.
    """
    if kind is None and not name.startswith(TRANSACTIONAL):
        raise ValueError(f"{name} can be done without: it needs a kind")
    links: dict[str, str] = {}
    reader = None if owner is None else _reader(owner, to, kind)
    if kind is not None:
        if reader is None:
            return False
        links = _links(preferences.mint(settings().secret_key, reader), kind)
        headers = {
            **(headers or {}),
            "List-Unsubscribe": f"<{links['unsubscribe']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    subject, text, html = render(name, **{"unsubscribe": None, "choices": None, **links, **context})
    return _hand_over(Mail(to, subject, text, html, headers or {}, key, _return_path(reader)), reader)


def render(name: str, **context: Any) -> tuple[str, str, str]:
    """Subject, text part and HTML part of `mail/NAME`."""
    subject, _, text = _templates().get_template(f"mail/{name}.txt").render(context).partition("\n")
    if context["unsubscribe"]:
        text += "\n" + _templates().get_template("mail/shared/stop.txt").render(context)
    html = _templates().get_template(f"mail/{name}.html").render(context, subject=subject)
    return subject.strip(), text.strip() + "\n", html


def link(path: str) -> str:
    """An absolute address on the site."""
    return f"{settings().public_url}{path}"


def _reader(owner: int, to: str, kind: Kind | None) -> Contact | None:
    """The owner, if `to` is where he reads his mail and a mail of this kind may be sent there."""
    with read(owner) as session:
        found = contact(session)
        if found is None or found.email != to or (kind is not None and not preferences.wants(session, kind)):
            return None
    return found


def _return_path(reader: Contact | None) -> str | None:
    """Where bounces of a mail to the reader go, if mail for our domain reaches us."""
    domain = settings().mail_domain
    return preferences.return_path(settings().secret_key, reader, domain) if reader and domain else None


def _links(token: str, kind: Kind) -> dict[str, str]:
    return {"unsubscribe": link(f"/mail/{token}/{kind}"), "choices": link(f"/mail/{token}")}


def _hand_over(mail: Mail, reader: Contact | None) -> bool:
    try:
        _mailer().send(mail)
    except MailError as error:
        if error.code != "mailbox" or reader is None:
            raise
        # Nothing that an operator could mend: it is counted, and its reader is told where he sees it.
        unit_of_work(reader.owner, lambda session: preferences.count(session, reader.email))
        return False
    return True


__all__ = ["Kind", "MailError", "link", "render", "send", "settings"]
