"""From a template to somebody's mailbox: a text part and an HTML part that say the same.

A template is two files, `templates/mail/NAME.txt` and `NAME.html`; the first line of the text is the subject.
"""

import os
from functools import cache
from typing import Any

from jinja2 import Environment

from shared.config import Settings
from shared.gateways.mail import Mail, Mailer, MailError, mailer
from shared.web.templating import environment


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


def send(to: str, name: str, key: str, headers: dict[str, str] | None = None, **context: Any) -> None:
    """Render `mail/NAME` and hand it over. `key` makes every attempt at this mail carry the same Message-ID.

    Raises MailError; a permanent one (the address does not exist) need not be tried again.
    """
    subject, _, text = _templates().get_template(f"mail/{name}.txt").render(context).partition("\n")
    html = _templates().get_template(f"mail/{name}.html").render(context, subject=subject)
    _mailer().send(Mail(to, subject.strip(), text.strip() + "\n", html, headers or {}, key))


def link(path: str) -> str:
    """An absolute address on the site."""
    return f"{settings().public_url}{path}"


__all__ = ["MailError", "link", "send", "settings"]
