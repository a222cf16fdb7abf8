"""A form that is sent twice, by an impatient finger or over a bad line, has its effect once."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from shared.sharding import OwnerSession, redeem, remember, unit_of_work
from shared.web.forms import Form

T = TypeVar("T", int, bool)


def once(owner: int, token: str, work: Callable[[OwnerSession], T]) -> T:
    """Run `work` in a transaction of `owner` unless the form with this one-time token was handled: then its result."""
    key = bytes.fromhex(token)

    def first_time(session: OwnerSession) -> T:
        earlier: T | None = redeem(session, key)
        if earlier is not None:
            return earlier
        result = work(session)
        remember(session, key, result)
        return result

    try:
        return unit_of_work(owner, first_time)
    except IntegrityError:
        # The other submission has just committed; now its result can be read.
        return unit_of_work(owner, first_time)


def one_time_token(form: Form) -> str:
    """The form's token; "" with an error noted when it is missing or malformed."""
    token = form.one_time_token()
    if not token:
        form.reject({"": "This form is out of date. Please send it once more."})
    return token
