"""What can be wrong with a message."""

from shared.errors import MarketError


class CannotWriteToYourself(MarketError):
    """Sender and recipient are the same user."""

    code = "own_listing"
