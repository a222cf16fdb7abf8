"""The forms of the account: what they need beyond `Form` to call a verb of the room and show what it objects to."""

from collections.abc import Callable
from typing import Any

from flask import request

from shared.accounts import AddressTaken, Busy, NotConfirmed, WrongCredentials
from shared.errors import Invalid, MarketError, Throttled
from shared.web.client import client_network
from shared.web.errors import status_of
from shared.web.forms import Form

_ON_THE_FORM = (WrongCredentials, NotConfirmed, AddressTaken, Busy, Throttled)


class AccountForm(Form):
    """A form that knows with which status its page is to be answered."""

    status = 200
    retry_after = 0

    def attempt(self, work: Callable[..., Any], *values: Any, **named: Any) -> Any:
        """Run a verb of the room unless a field is wrong already; its objections become words on the form.

        None when it could not be done. Too many tries show on the form too, so that nothing typed is lost.
        """
        if self.errors:
            self.status = 422
            return None
        try:
            return work(*values, **named)
        except Invalid as error:
            self.status = 422
            self.reject(error.fields)
        except _ON_THE_FORM as error:
            self._refuse(error)
        return None

    def _refuse(self, error: MarketError) -> None:
        self.status = 422 if isinstance(error, WrongCredentials | NotConfirmed) else status_of(error)
        self.retry_after = getattr(error, "retry_after", 0)
        wait = f" Try again in {_in_words(self.retry_after)}." if self.retry_after else ""
        self.reject({"": error.message + wait})


def network() -> str:
    """What the client is counted as."""
    return client_network(request)


def agent() -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
