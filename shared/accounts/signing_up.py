"""Signing up and confirming. Known and unknown addresses go the same way, with the same hashing and as many writes."""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.accounts import account, addresses, claims, links, passwords, policy, throttle
from shared.accounts.errors import ClaimLost, LinkSpent
from shared.accounts.logging_in import find, open_session
from shared.accounts.models import User
from shared.errors import Invalid
from shared.events import AddressConfirmed, ConfirmationAsked, NewUserSignup, SignupRepeated, record
from shared.ids import compose
from shared.sharding import OwnerSession, allocate_owner, read, unit_of_work

_ATTEMPTS = 3


def sign_up(email: str, password: str, name: str, network: str = "") -> int | None:
    """Make an account whose address is to be confirmed; returns its owner, None when the address has an account.

    The caller answers both alike: the holder of a known address is told by mail. Raises Invalid, Throttled, Busy.
    """
    address, name = check(email, password, name)
    throttle.count("signup", network=network)
    return _write(address, passwords.hash(password), name, confirmed=False)


def check(email: str, password: str, name: str) -> tuple[str, str]:
    """The address and name as they will be kept. Raises Invalid about every field at fault at once."""
    errors: dict[str, str] = {}
    address = _checked(errors, addresses.parse_address, email)
    _checked(errors, passwords.check_acceptable, password, address)
    name = _checked(errors, account.check_name, name)
    if errors:
        raise Invalid(errors)
    return address, name


def _checked(errors: dict[str, str], check: Callable[..., str | None], *values: str) -> str:
    try:
        return check(*values) or ""
    except Invalid as error:
        errors |= error.fields
        return ""


def create_confirmed(email: str, password: str, name: str) -> int | None:
    """An operator's sign-up: confirmed at once, no mail. Returns the owner, None when the address has an account."""
    address, name = check(email, password, name)
    return _write(address, passwords.hash(password), name, confirmed=True)


def _write(address: str, password_hash: str, name: str, *, confirmed: bool) -> int | None:
    value = addresses.claim_value(address)
    for attempt in range(_ATTEMPTS):
        owner = allocate_owner(policy.current().allocation)
        token = claims.claim(claims.EMAIL, value, owner)
        if token is None:
            if not confirmed:
                _tell_holder(value)
            return None
        try:
            _write_user(owner, token, address, password_hash, name, confirmed=confirmed)
        except ClaimLost:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        claims.activate(owner, token)
        return owner
    raise ClaimLost


def _write_user(owner: int, token: bytes, address: str, password_hash: str, name: str, *, confirmed: bool) -> None:
    now = clock.now()

    def work(session: OwnerSession) -> None:
        if not claims.use(session, token):
            return
        session.add(
            User(
                id=compose(owner, 0),
                owner=owner,
                state="active" if confirmed else "pending",
                email=address,
                name=name,
                password_hash=password_hash,
                created_at=now,
                confirmed_at=now if confirmed else None,
            )
        )
        if not confirmed:
            record(session, NewUserSignup(user=owner))

    try:
        unit_of_work(owner, work)
    except IntegrityError:
        raise ClaimLost from None


def _tell_holder(value: str) -> None:
    """Have the holder of the address told that somebody signed up with it, three times a day at most."""
    user = find(value)
    throttle.count("balance", account=value)  # as many writes as a new account takes
    if throttle.allows("repeated", account=value) and user is not None:
        unit_of_work(user.owner, lambda session: record(session, SignupRepeated(user=session.owner)))
    else:
        throttle.count("balance", account=value)


def ask_confirmation(email: str, network: str = "") -> None:
    """Have a new confirmation link mailed, if there is an account that needs one. Raises Invalid, Throttled."""
    value = addresses.claim_value(addresses.parse_address(email))
    throttle.count("confirm", account=value, network=network)
    user = find(value)
    if user is not None and user.state == "pending":
        unit_of_work(user.owner, lambda session: record(session, ConfirmationAsked(user=session.owner)))
    else:
        throttle.count("balance", account=value)


def confirm(token: str, password: str, agent: str = "", network: str = "") -> str:
    """Confirm the address that the link was mailed to and start a session; returns the cookie's value.

    Raises LinkSpent, Invalid, Throttled, Busy. A wrong password leaves the link as it was and counts as a failed login.

    The password must be the one of the sign-up: else somebody could sign up with a stranger's address, and the stranger
    who follows the link in good faith would open an account that the other one can enter.
    """
    with read(links.owner_of_token(token)) as session:
        links.look(session, links.CONFIRM, token)
        user = account.find(session)
    if user is None:
        raise LinkSpent
    throttle.count("login", account=addresses.claim_value(user.email), network=network)
    if not passwords.verify(password, user.password_hash):
        raise Invalid({"password": "This is not the password of the sign-up. Try again: the link still works"})

    def use_link(session: OwnerSession) -> None:
        links.use(session, links.CONFIRM, token)
        mark_confirmed(session)

    return open_session(user, password, agent, network, first=use_link)


def mark_confirmed(session: OwnerSession) -> None:
    """The session's owner has shown that he reads the account's mail. May be called again."""
    user = account.find(session)
    if user is not None and user.state == "pending":
        user.state, user.confirmed_at = "active", clock.now()
        record(session, AddressConfirmed(user=session.owner))
