"""The errors that rooms raise. Doors alone translate them to HTTP, a form error or a retry."""


class MarketError(Exception):
    """Something the caller can act on.

    `message` is plain words for a person, `code` is stable for programs. `permanent` says
    that trying the same thing again cannot help.
    """

    code = "error"
    permanent = True

    def __init__(self, message: str, code: str | None = None, *, permanent: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if permanent is not None:
            self.permanent = permanent


class NotFound(MarketError):
    """No such thing, or none that this caller may know of."""

    code = "not_found"


class Invalid(MarketError):
    """Input that cannot be accepted; `fields` maps a field's name to words about it."""

    code = "invalid"

    def __init__(self, fields: dict[str, str], message: str = "Some of what you entered needs a change.") -> None:
        super().__init__(message)
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.message} ({'; '.join(f'{name}: {words}' for name, words in self.fields.items())})"


class Conflict(MarketError):
    """The thing is in a state that does not allow this."""

    code = "conflict"


class Throttled(MarketError):
    """Too many attempts; `retry_after` is in seconds."""

    code = "throttled"
    permanent = False

    def __init__(self, retry_after: int, message: str = "Too many attempts. Please wait a little.") -> None:
        super().__init__(message)
        self.retry_after = retry_after
