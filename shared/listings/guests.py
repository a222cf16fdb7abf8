"""Who a newcomer without an account is: one guest for each form, however often the form is sent."""

from shared import clock
from shared.accounts import claims
from shared.accounts.models import User
from shared.ids import compose
from shared.sharding import OwnerSession, allocate_owner

_KIND = "draft"


def guest_owner(form_token: str, policy: str) -> int:
    """The owner for a draft begun by the form with this one-time token; the same again for a quarter of an hour.

    `policy` is the setting `allocation`. A claim decides between two submissions at once; it is never used, so the
    sweeper drops it.
    """
    known = claims.holder(_KIND, form_token)
    if known is not None:
        return known
    owner = allocate_owner(policy)
    if claims.claim(_KIND, form_token, owner) is None:
        return claims.holder(_KIND, form_token) or owner
    return owner


def add_guest(session: OwnerSession, email: str = "") -> None:
    """Make the session's owner a guest; `email` is valid, or "" until he says it."""
    guest = compose(session.owner, 0)
    session.add(User(id=guest, owner=session.owner, state="guest", email=email, name="", created_at=clock.now()))
