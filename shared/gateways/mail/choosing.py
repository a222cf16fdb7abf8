"""Which mailer a setting names."""

from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from shared.errors import MarketError
from shared.gateways.mail.maildir import MaildirMailer
from shared.gateways.mail.message import Mail, Sender
from shared.gateways.mail.smtp import SmtpMailer


class Mailer(Protocol):
    """Whatever hands messages over."""

    def send(self, mail: Mail) -> None:
        """Return when the message is somebody else's responsibility, durably; else raise `MailError`."""


def mailer(mail_url: str, mail_from: str, site_name: str = "Steveslist") -> SmtpMailer | MaildirMailer:
    """The mailer that a setting names.

    `maildir:PATH`; `smtps://user:password@host[:465]`; `smtp://[user:password@]host[:587]`, which demands STARTTLS
    unless it ends in `?tls=none`, for a relay on this machine. `?ca=FILE` trusts the authorities of that file.
    """
    url = urlsplit(mail_url)
    sender = Sender(mail_from, site_name)
    if url.scheme == "maildir" and url.path:
        return MaildirMailer(Path(unquote(url.path)), sender)
    if url.scheme in ("smtp", "smtps") and url.hostname:
        return _smtp(url, sender)
    raise _setting("must be maildir:PATH, smtp://host or smtps://host")


def _smtp(url: SplitResult, sender: Sender) -> SmtpMailer:
    options = parse_qs(url.query)
    tls = "implicit" if url.scheme == "smtps" else {"none": "none"}.get(options.get("tls", [""])[0], "starttls")
    if tls == "none" and url.username:
        raise _setting("has a password but no encryption to send it by")
    try:
        port = url.port or {"implicit": 465, "starttls": 587, "none": 25}[tls]
    except ValueError:
        raise _setting("has a port that is not a number from 1 to 65535") from None
    return SmtpMailer(
        host=url.hostname or "",
        port=port,
        sender=sender,
        tls=tls,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        authorities=options.get("ca", [None])[0],
    )


def _setting(problem: str) -> MarketError:
    """The URL itself is not repeated: it may hold a password."""
    return MarketError(f"STEVESLIST_MAIL_URL {problem}.", "setting")
