"""What can go wrong with an account. Messages are for the person at the form and name no other account."""

from shared.errors import Conflict, MarketError


class WrongCredentials(MarketError):
    """Unknown address, closed account or wrong password: one error, so that nobody learns which."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("That e-mail address and password do not belong together.")


class NotConfirmed(MarketError):
    """The password is right, but the address is not confirmed yet; a new link was asked for."""

    code = "not_confirmed"

    def __init__(self) -> None:
        super().__init__("Please confirm your e-mail address first: we have sent you a new link.")


class LinkSpent(MarketError):
    """A mailed link that is unknown, used or too old: one error for the three."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__("This link was used before or is too old.")


class AddressTaken(Conflict):
    """Another account has taken the address in the meantime. Told only to someone who reads its mail."""

    code = "address_taken"

    def __init__(self) -> None:
        super().__init__("Another account uses this e-mail address now.")


class ClaimLost(MarketError):
    """A claim was declared void before it was used; claiming again can succeed."""

    code = "claim_lost"
    permanent = False

    def __init__(self) -> None:
        super().__init__("That took too long. Please try again.")


class Busy(MarketError):
    """Too many passwords are being checked at this moment."""

    code = "busy"
    permanent = False

    def __init__(self) -> None:
        super().__init__("Many people are logging in right now. Please try again in a few seconds.")
