"""The link in the footer of a mail: it opens the preferences of whoever the mail went to, without logging in.

Bound to the address, so that the mails in a mailbox that somebody gave up steer nothing any more.
"""

from shared import accounts, signing
from shared.accounts import Contact
from shared.errors import NotFound
from shared.ids import compose, owner_of
from shared.sharding import OwnerSession

PREFERENCES, CHECK = "mail preferences", "mail check"


def mint(key: bytes, contact: Contact, purpose: str = PREFERENCES) -> str:
    """The token for the links in a mail to `contact`; `key` is the site's secret. The same each time."""
    return signing.sign(key, purpose, compose(contact.owner, 0), contact.email)


def owner_of_token(token: str) -> int:
    """Whose token it claims to be, for choosing the session; NotFound for text that is none. Proves nothing yet."""
    row_id = signing.claimed(token)
    if row_id is None or row_id != compose(owner_of(row_id), 0):
        raise _no_link()
    return owner_of(row_id)


def redeem(session: OwnerSession, key: bytes, token: str, purpose: str = PREFERENCES) -> Contact:
    """The session's owner, to whose present address a mail with this token went; else NotFound."""
    contact = accounts.contact(session)
    if contact is None or not signing.proves(key, purpose, token, contact.email):
        raise _no_link()
    return contact


def _no_link() -> NotFound:
    return NotFound("This link is not valid (any more). Use the one in the newest mail that you have from us.")
