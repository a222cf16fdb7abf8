"""The mails about an account, and the address set free when it is closed or changed.

A link is minted when its mail is made and kept only as a hash; a retry mints another, which replaces nothing.
"""

from collections.abc import Callable

from jobs import mailing
from jobs.consumers import consumer, transactional_consumer
from shared import accounts, ids, preferences
from shared.accounts import Contact
from shared.events import (
    AccountClosed,
    AddressChangeAsked,
    AddressChanged,
    AddressConfirmed,
    ConfirmationAsked,
    MailCheckAsked,
    NewUserSignup,
    PasswordChanged,
    PasswordResetAsked,
    Recorded,
    SignupRepeated,
    UserWarned,
)
from shared.queues import MAIL
from shared.sharding import OwnerSession, read, unit_of_work

CONFIRM, RESET, ADDRESS = "/account/confirm", "/reset", "/account/email"


@consumer(NewUserSignup, ConfirmationAsked, queue=MAIL)
def mail_confirmation(recorded: Recorded) -> None:
    """The link that proves the address; not for an account that is confirmed by now."""

    def mint(session: OwnerSession) -> tuple[Contact, str] | None:
        contact = accounts.contact(session)
        if contact is None or contact.state != "pending":
            return None
        return contact, accounts.mint_link(session, accounts.links.CONFIRM)

    _mail_link(recorded, mint, "accounts/confirm", CONFIRM)


@consumer(AddressConfirmed, queue=MAIL)
def mail_welcome(recorded: Recorded) -> None:
    """What one can do here, once the account is open."""
    _mail(recorded, "accounts/welcome", post=mailing.link("/post"), account=mailing.link("/account"))


@transactional_consumer(AddressConfirmed)
def note_mail_arrives(session: OwnerSession, recorded: Recorded) -> None:
    """Who opened a link that was mailed to him gets mail, whatever came back before."""
    preferences.reset(session)


@consumer(MailCheckAsked, queue=MAIL)
def mail_check(recorded: Recorded) -> None:
    """The link that shows that mail arrives (again)."""
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
    if contact is not None:
        token = preferences.mint(mailing.settings().secret_key, contact, preferences.CHECK)
        _send(recorded, contact.email, "accounts/mail_check", link=mailing.link(f"/mail/arrived/{token}"))


@consumer(UserWarned, queue=MAIL)
def mail_warning(recorded: Recorded) -> None:
    """The staff's words, and the listing that they are about."""
    event = recorded.event
    assert isinstance(event, UserWarned)
    with read(recorded.owner) as session:
        contact, warning = accounts.contact(session), accounts.warning(session, event.warning)
    if contact is not None:
        about = mailing.link(f"/l/{ids.public(warning.listing)}") if warning.listing else None
        _send(recorded, contact.email, "accounts/warning", words=warning.words, about=about)


@consumer(PasswordResetAsked, queue=MAIL)
def mail_reset(recorded: Recorded) -> None:
    """The link to choose a new password."""
    _mail_link(recorded, _mint_reset, "accounts/reset", RESET)


@consumer(AddressChangeAsked, queue=MAIL)
def mail_address_change(recorded: Recorded) -> None:
    """The link to the new address, which alone can finish the change; none to one that another account has."""
    event = recorded.event
    assert isinstance(event, AddressChangeAsked)

    def mint(session: OwnerSession) -> tuple[str, str] | None:
        address = accounts.pending_address(session, event.link)
        token = address and accounts.mint_for(session, event.link)
        return (address, token) if address and token else None

    made = unit_of_work(recorded.owner, mint)
    if made and accounts.may_move_to(recorded.owner, made[0]):
        address, token = made
        _send(recorded, address, "accounts/address_change", link=_with_token(ADDRESS, token), address=address)


@consumer(AddressChangeAsked, queue=MAIL)
def warn_of_address_change(recorded: Recorded) -> None:
    """The present address hears of it, in case it was not its owner who asked."""
    _mail(recorded, "accounts/address_change_notice", link=mailing.link("/reset"))


@consumer(AddressChanged, queue=MAIL)
def mail_address_changed(recorded: Recorded) -> None:
    """The former address hears that it is none any more, in case it was not its owner who changed it."""
    event = recorded.event
    assert isinstance(event, AddressChanged)
    with read(recorded.owner) as session:
        former = accounts.former_address(session, event.link)
    if former is not None:
        operators = mailing.settings().operators
        mailing.send(
            former,
            "accounts/address_changed",
            key=f"mail_address_changed-{recorded.id}",
            headers={"Reply-To": operators[0]} if operators else None,
            answered=bool(operators),
        )


@consumer(SignupRepeated, queue=MAIL)
def mail_signup_repeated(recorded: Recorded) -> None:
    """Somebody signed up again: the one who owns the address learns that there is an account."""
    _mail(recorded, "accounts/signup_repeated", link=mailing.link("/reset"), login=mailing.link("/login"))


@consumer(PasswordChanged, queue=MAIL)
def mail_password_changed(recorded: Recorded) -> None:
    """A changed password is told to its owner."""
    _mail(recorded, "accounts/password_changed", link=mailing.link("/reset"))


@consumer(AccountClosed, queue=MAIL)
def mail_farewell(recorded: Recorded) -> None:
    """The last mail of an account."""
    with read(recorded.owner) as session:
        contact = accounts.farewell_contact(session)
    if contact is not None:
        _send(recorded, contact.email, "accounts/closed")


@consumer(AccountClosed, AddressChanged)
def settle_address(recorded: Recorded) -> None:
    """Free the address that the account no longer has."""
    accounts.settle_address(recorded.owner)


def _mint_reset(session: OwnerSession) -> tuple[Contact, str] | None:
    contact = accounts.contact(session)
    if contact is None or contact.state == "guest":
        return None
    return contact, accounts.mint_link(session, accounts.links.RESET)


def _mail_link(
    recorded: Recorded, mint: Callable[[OwnerSession], tuple[Contact, str] | None], name: str, path: str
) -> None:
    if made := unit_of_work(recorded.owner, mint):
        contact, token = made
        _send(recorded, contact.email, name, link=_with_token(path, token), name_of_user=contact.name)


def _mail(recorded: Recorded, name: str, **context: str) -> None:
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
    if contact is not None:
        _send(recorded, contact.email, name, **context)


def _send(recorded: Recorded, to: str, name: str, **context: str) -> None:
    mailing.send(to, name, key=f"{name}-{recorded.id}", owner=recorded.owner, **context)


def _with_token(path: str, token: str) -> str:
    # The access log blanks this part of a path.
    return mailing.link(f"{path}/{token}")
