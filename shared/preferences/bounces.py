"""Mail that came back. An address that does not take any for some days gets only what it asks for itself."""

import re
from hashlib import sha256

from shared import accounts, clock, signing
from shared.accounts import Contact
from shared.ids import compose, owner_of
from shared.preferences.choices import Kind, choices
from shared.preferences.models import MailBounce
from shared.sharding import OwnerSession, unit_of_work

# Three different days: a mail server that has a bad hour refuses everything, and costs nobody his mail.
DAYS_TO_STOP = 3
_DAY = 86_400
# What came back so long ago says nothing of today.
_FORGIVEN_AFTER = 90 * _DAY
_PURPOSE = "bounce"
_RETURN_PATH = re.compile(r"bounce-([0-9a-f]{46})@.+")


def return_path(key: bytes, contact: Contact, domain: str) -> str:
    """The envelope's sender for a mail to `contact`: what bounces to it says by itself whose mail that was."""
    return f"bounce-{signing.sign(key, _PURPOSE, compose(contact.owner, 0), contact.email)}@{domain}"


def is_return_path(recipient: str) -> bool:
    """Whether an address has the form of those that `return_path` makes; `bounced` says whether it is one."""
    return _RETURN_PATH.fullmatch(recipient.strip().lower()) is not None


def bounced(key: bytes, recipient: str, *, permanent: bool = True) -> bool:
    """A delivery status notification came to `recipient`, an address that `return_path` may have made.

    `permanent` says that it reports a failure for good (status 5.x.x), not a delay. True when that was counted; False
    when the address is none of ours or no longer of that account. Opens its own transaction; may be called again.
    """
    found = _RETURN_PATH.fullmatch(recipient.strip().lower())
    row_id = signing.claimed(found[1]) if found else None
    if found is None or row_id is None:
        return False

    def work(session: OwnerSession) -> bool:
        contact = accounts.contact(session)
        if contact is None or not signing.proves(key, _PURPOSE, found[1], contact.email):
            return False
        if permanent:
            count(session, contact.email)
        return permanent

    return unit_of_work(owner_of(row_id), work)


def count(session: OwnerSession, address: str) -> None:
    """Mail to `address`, where the session's owner reads his, came back for good. Several on one day count once."""
    now, address_hash = clock.now(), _hash(address)
    row = session.get(MailBounce, session.owner)
    if row is None:
        session.add(MailBounce(owner=session.owner, address_hash=address_hash, days=1, last_at=now))
    elif row.address_hash != address_hash or row.last_at < now - _FORGIVEN_AFTER:
        row.address_hash, row.days, row.last_at = address_hash, 1, now
    elif row.last_at // _DAY != now // _DAY:
        row.days, row.last_at = min(row.days + 1, DAYS_TO_STOP), now


def stopped(session: OwnerSession) -> bool:
    """Whether mail to the session's owner came back so often that he is sent only what he asks for himself."""
    row, contact = session.get(MailBounce, session.owner), accounts.contact(session)
    return (
        row is not None
        and contact is not None
        and row.days >= DAYS_TO_STOP
        and row.address_hash == _hash(contact.email)
    )


def reset(session: OwnerSession) -> None:
    """The session's owner has shown that mail reaches him."""
    row = session.get(MailBounce, session.owner)
    if row is not None:
        session.delete(row)


def wants(session: OwnerSession, kind: Kind) -> bool:
    """Whether a mail of this kind may be sent to the session's owner: he wants it, and his mailbox takes mail."""
    return choices(session)[kind] and not stopped(session)


def _hash(address: str) -> bytes:
    return sha256(address.lower().encode()).digest()
