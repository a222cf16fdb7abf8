"""What can be wrong with a message."""

from shared.errors import Conflict, MarketError, NotFound


class CannotWriteToYourself(MarketError):
    """Sender and recipient are the same user."""

    code = "own_listing"


class NotTaken(Conflict):
    """The other side takes no messages from this one, or this one wants none from it; the message says which."""

    code = "not_taken"


class OfferOver(Conflict):
    """The offer was answered, withdrawn or replaced in the meantime."""

    code = "offer_over"


class RelayClosed(NotFound):
    """No thread can be answered by this address: it never could, was revoked, or its owner has closed the account."""

    code = "relay_closed"
