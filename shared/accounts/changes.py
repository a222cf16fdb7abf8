"""Changes that prove who asks: by the password, or by a link that was mailed. Each ends what it makes unsafe."""

from shared import clock
from shared.accounts import account, addresses, claims, links, passwords, sessions, throttle
from shared.accounts.errors import AddressTaken
from shared.accounts.logging_in import find
from shared.accounts.models import User
from shared.accounts.signing_up import mark_confirmed
from shared.errors import Invalid
from shared.events import (
    AccountClosed,
    AddressChangeAsked,
    AddressChanged,
    PasswordChanged,
    PasswordResetAsked,
    SignupRepeated,
    record,
)
from shared.sharding import OwnerSession, read, unit_of_work


def ask_reset(email: str, network: str = "") -> None:
    """Have a link to set a new password mailed, if there is such an account. Raises Invalid, Throttled."""
    value = addresses.claim_value(addresses.parse_address(email))
    throttle.count("reset", account=value, network=network)
    user = find(value)
    if user is not None:
        unit_of_work(user.owner, lambda session: record(session, PasswordResetAsked(user=session.owner)))
    else:
        throttle.count("balance", account=value)


def look_at_link(purpose: str, token: str, network: str = "") -> None:
    """Raise LinkSpent unless the token opens an unused link of this purpose. Changes nothing; guesses are counted."""
    throttle.count("link", network=network)
    with read(links.owner_of_token(token)) as session:
        links.look(session, purpose, token)


def reset_password(token: str, password: str) -> None:
    """Set a new password by a mailed link, which also confirms the address; every session and every other link ends.

    Raises LinkSpent, Invalid, Busy.
    """
    owner = links.owner_of_token(token)
    with read(owner) as session:
        links.look(session, links.RESET, token)
        user = account.find(session)
    passwords.check_acceptable(password, user.email if user else "")
    password_hash = passwords.hash(password)

    def work(session: OwnerSession) -> None:
        links.use(session, links.RESET, token)
        mark_confirmed(session)
        _set_password(session, password_hash)

    unit_of_work(owner, work)


def change_password(owner: int, current: str, new: str, *, keep_session: int, network: str = "") -> None:
    """Set a new password; every session but `keep_session` and every mailed link ends.

    Raises Invalid, Throttled, Busy.
    """
    user = check_password(owner, current, network, field="current")
    passwords.check_acceptable(new, user.email)
    password_hash = passwords.hash(new)
    unit_of_work(owner, lambda session: _set_password(session, password_hash, keep_session))


def check_password(owner: int, password: str, network: str = "", field: str = "password") -> User:
    """The account, once its password is shown to be known. Raises Invalid (about `field`), Throttled, Busy."""
    throttle.count("password", account=str(owner), network=network)
    with read(owner) as session:
        user = account.require_active(session)
    if not passwords.verify(password, user.password_hash):
        raise Invalid({field: "This is not your password"})
    return user


def ask_address_change(owner: int, email: str, password: str, network: str = "") -> None:
    """Have a link mailed to the new address that moves the account there. Raises Invalid, Throttled, Busy.

    When another account has the address, its holder is told instead. The answer, and what the one who asks finds in
    his own mailbox, are the same.
    """
    address = addresses.parse_address(email)
    user = check_password(owner, password, network)
    if address == user.email:
        raise Invalid({"email": "This is your address already"})
    throttle.count("address", account=str(owner))
    value = addresses.claim_value(address)
    unit_of_work(owner, lambda session: _ask_address_change(session, address))
    holder = claims.holder(claims.EMAIL, value)
    if holder not in (None, owner) and throttle.allows("repeated", account=value):
        unit_of_work(holder, lambda session: record(session, SignupRepeated(user=holder)))


def _ask_address_change(session: OwnerSession, address: str) -> None:
    account.require_active(session)
    links.revoke_all(session, links.ADDRESS)
    link = links.prepare(session, links.ADDRESS, {"email": address})
    record(session, AddressChangeAsked(user=session.owner, link=link))


def may_move_to(owner: int, address: str) -> bool:
    """Whether no other account has the address. For whoever mails it a link; a page must not tell."""
    return claims.holder(claims.EMAIL, addresses.claim_value(address)) in (None, owner)


def change_address(token: str) -> None:
    """Move the account to the address that the link was mailed to. Raises LinkSpent, AddressTaken, ClaimLost."""
    owner = links.owner_of_token(token)
    with read(owner) as session:
        address = links.look(session, links.ADDRESS, token).data["email"]
    settle_address(owner)  # an earlier change that died half way is finished or undone first
    claim_token = claims.claim(claims.EMAIL, addresses.claim_value(address), owner)
    if claim_token is None:
        raise AddressTaken
    unit_of_work(owner, lambda session: _move_address(session, token, claim_token))
    claims.activate(owner, claim_token)
    settle_address(owner)


def _move_address(session: OwnerSession, token: str, claim_token: bytes) -> None:
    user = account.require_active(session)
    link = links.look(session, links.ADDRESS, token)
    claims.use(session, claim_token)
    data = links.use(session, links.ADDRESS, token)
    # For the mail that tells of it: an event holds no address.
    link.data = {**data, "former": user.email}
    user.email, user.confirmed_at = data["email"], clock.now()
    links.revoke_unused(session)
    record(session, AddressChanged(user=session.owner, link=link.id))


def close_account(session: OwnerSession) -> None:
    """Close the account of the session's owner, in one transaction with what other rooms remove.

    Sessions and links end now. The address is free once `settle_address` ran, which the door calls after the commit and
    a consumer of AccountClosed again. The row forgets name and address a week later.
    """
    user = account.require_active(session)
    user.state, user.closed_at, user.password_hash = "closed", clock.now(), None
    sessions.log_out_everywhere(session)
    links.revoke_unused(session)
    record(session, AccountClosed(user=session.owner))


def settle_address(owner: int) -> None:
    """Make the directory's claims of `owner` say what his row says. May be called at any time, any number of times."""
    claims.settle_pending_of(owner)
    # In this order: an address that becomes his after the first look is not among those given up.
    held = claims.active_values(claims.EMAIL, owner)
    with read(owner) as session:
        user = account.find(session)
    keep = addresses.claim_value(user.email) if user is not None and user.state in ("pending", "active") else None
    claims.release(claims.EMAIL, [value for value in held if value != keep], owner)


def _set_password(session: OwnerSession, password_hash: str, keep_session: int = 0) -> None:
    account.require_active(session).password_hash = password_hash
    sessions.log_out_everywhere(session, but=keep_session)
    # The link of a pending change of address too: whoever asked for it may be the one who is being shut out.
    links.revoke_unused(session)
    record(session, PasswordChanged(user=session.owner))
