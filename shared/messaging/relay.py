"""Answering by mail: each side of a thread has an address of its own, which leads to nobody else and can be revoked.

The local part is signed with the site's key over random bytes in the thread's row: neither the database nor the address
of another thread tells it, and other bytes, or none, revoke it.
"""

import secrets
from hashlib import sha256

from sqlalchemy import select

from shared import accounts, signing
from shared.accounts import throttle
from shared.config import Settings
from shared.errors import Invalid
from shared.ids import owner_of
from shared.messaging.blocking import refusal
from shared.messaging.errors import NotTaken, RelayClosed
from shared.messaging.filing import mark_read
from shared.messaging.models import Thread
from shared.messaging.queries import thread as own_thread
from shared.messaging.words import not_taken
from shared.messaging.writing import BODY_LONGEST, send
from shared.sharding import OwnerSession, once, read

_PURPOSE = "relay"
_key, _domain = b"", ""


def configure(settings: Settings) -> None:
    """Adopt the site's key and the domain whose mail comes in to it, once at boot. May be called again."""
    global _key, _domain
    _key, _domain = settings.secret_key, settings.mail_domain or ""


def is_received() -> bool:
    """Whether mail to relay addresses comes in: an operator has named their domain."""
    return bool(_domain)


def mint_relay(thread: Thread) -> str:
    """The address by which the owner of a locked thread answers it; the same one until it is revoked.

    Empty when no mail comes in.
    """
    if not _domain:
        return ""
    if thread.relay is None:
        thread.relay = secrets.token_bytes(16)
    return f"{signing.sign(_key, _PURPOSE, thread.id, thread.relay.hex())}@{_domain}"


def revoke_relay(thread: Thread) -> None:
    """Have the address so far lead nowhere; the next mail carries another."""
    thread.relay = None


def check_relay(token: str) -> None:
    """Raise RelayClosed when the local part of an address leads nowhere, before there is a mail for it."""
    _thread_of(token)


def reply_by_mail(token: str, text: str, key: bytes) -> int:
    """Write `text` into the thread that the local part of a relay address leads to, as the side that has the address.

    `text` is what its author wrote, without quotes and signatures; what is longer than a message is cut. `key` is the
    mail's own (a hash of its Message-ID): the same mail to this address again writes nothing and returns the same id.
    Raises RelayClosed for an address that leads nowhere, NotTaken when the other side takes no messages, Invalid for an
    empty text, Throttled (try later).
    """
    thread = _thread_of(token)
    throttle.count("message", account=str(thread.owner))
    with read(thread.other) as session:
        reason = refusal(session, thread.owner)
    if reason:
        raise NotTaken(not_taken(reason, thread.other_name))
    if not text.strip():
        raise Invalid({"body": "The mail has no text of its own."})

    def write(session: OwnerSession) -> int:
        own = own_thread(session, thread.id)
        # Whoever answers has read what he was mailed.
        mark_read(session, own.id, own.mailed)
        return send(session, own, text[:BODY_LONGEST])

    # One mail may go to several threads of its author.
    return once(thread.owner, sha256(key + thread.id.to_bytes(8, "big")).digest()[:16], write)


def _thread_of(token: str) -> Thread:
    # Mail servers may have changed the case.
    token = token.lower()
    thread_id = signing.claimed(token)
    if thread_id is None:
        raise RelayClosed("This address leads nowhere.")
    with read(owner_of(thread_id)) as session:
        this = select(Thread).where(Thread.owner == session.owner, Thread.id == thread_id)
        thread: Thread | None = session.scalars(this).one_or_none()
        open = accounts.contact(session) is not None
    if thread is None or thread.relay is None or not open:
        raise RelayClosed("This address leads nowhere any more.")
    if not signing.proves(_key, _PURPOSE, token, thread.relay.hex()):
        raise RelayClosed("This address leads nowhere.")
    return thread
