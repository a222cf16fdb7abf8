"""The forms of endpoints: what they say, and what the room objects to."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared import webhooks
from shared.errors import Conflict, Invalid
from shared.text import ascii_digits, whole_number
from shared.web.forms import Form
from shared.webhooks import Range
from shared.webhooks.addresses import URL_LONGEST

HOUR, DAY = 3600, 86_400
OVERLAPS = {
    "0": "Not at all: it is worthless at once",
    str(HOUR): "One hour",
    str(6 * HOUR): "6 hours",
    str(DAY): "24 hours",
    str(2 * DAY): "2 days",
    str(4 * DAY): "4 days",
    str(7 * DAY): "7 days",
}
WHICH = {"missed": "What failed or was missed", "all": "Everything, delivered or not"}


class WebhookForm(Form):
    """A form that calls a verb of the room and shows what it objects to."""

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        return 422 if self.errors else 200

    def attempt(self, work: Callable[..., Any], *values: Any) -> Any:
        """Run a verb unless a field is wrong already; its objections become words on the form.

        None when it could not be done.
        """
        if self.errors:
            return None
        try:
            return work(*values)
        except Invalid as error:
            self.reject(error.fields)
        except Conflict as error:
            self.reject({"": error.message})
        return None

    def endpoint(self) -> dict[str, Any]:
        """What the form says of an endpoint, for `webhooks.create` and `webhooks.edit`."""
        return {
            "url": self._url(),
            "types": self.chosen("types", webhooks.BY_NAME, required="Choose at least one kind of event"),
            "description": self.text("description", longest=webhooks.DESCRIPTION_LONGEST),
            "per_second": self._number("per_second", webhooks.PER_SECOND_MOST),
            "at_once": self._number("at_once", webhooks.AT_ONCE_MOST),
        }

    def range(self) -> Range:
        """Which deliveries the form asks for; none of the types ticked stands for all of them."""
        which = self.choice("which", WHICH, required="Choose what to send again")
        types = self.chosen("types", webhooks.BY_NAME)
        since, until = self._time("since"), self._time("until")
        if since is not None and until is not None and since > until:
            self.reject({"until": "This is before the time above"})
        return Range(since, until, types or None, missed_only=which == "missed")

    def _url(self) -> str:
        """Checked here too, so that it shows with all else that is wrong."""
        url = self.text("url", longest=URL_LONGEST, required="Enter the address that we are to call")
        try:
            return webhooks.check_url(url)
        except Invalid as error:
            self.reject(error.fields)
            return url

    def _number(self, name: str, most: int) -> int:
        number = whole_number(ascii_digits(self.text(name, longest=20)), 1, most)
        if number is None:
            self.reject({name: f"Enter a number from 1 to {most}"})
            return 1
        return number

    def _time(self, name: str) -> int | None:
        """UTC seconds, None when the field was left empty."""
        typed = ascii_digits(self.text(name, longest=40))
        if not typed:
            return None
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            self.reject({name: "Write the day and the time like 2026-11-21 17:30"})
            return None
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
