"""What messages without a text of their own say, in plain words: for pages, mails and downloads."""

from shared.messaging.models import Message
from shared.money import format_amount

NOTES = {
    "sold": "The seller has marked the listing as sold.",
    "deleted": "The seller has taken the listing off the site.",
    "expired": "The listing has expired.",
    "closed": "The seller has closed the account.",
    "moderated": "The listing was removed from the site.",
}
# Of each kind: what the reader did, what the other side did.
_DEEDS = {
    "offer": ("You offered {amount}.", "{name} offers {amount}."),
    "accept": ("You accepted the offer of {amount}.", "{name} accepts the offer of {amount}."),
    "decline": ("You declined the offer of {amount}.", "{name} declines the offer of {amount}."),
    "withdraw": ("You withdrew your offer of {amount}.", "{name} withdraws the offer of {amount}."),
}
_LATE = " It came too late: the offer was over by then."
STATES = {
    "open": "Open: not answered yet.",
    "accepted": "Accepted. It binds nobody; agree on when and where to meet.",
    "declined": "Declined.",
    "withdrawn": "Withdrawn.",
    "replaced": "Replaced by a later offer.",
}


def said(message: Message, name: str) -> str:
    """What a message says to the owner of the copy; `name` is the other side's."""
    if message.kind == "text":
        return message.body
    if message.kind == "note":
        return NOTES.get(message.body, "The listing has ended.")
    words = _DEEDS[message.kind][0 if message.mine else 1]
    amount = format_amount(message.amount or 0, message.currency or "EUR")
    return words.format(amount=amount, name=name) + (_LATE if message.state == "late" else "")


def not_taken(reason: str, name: str) -> str:
    """Why the other side does not take messages: `reason` is closed, blocked or blocking."""
    if reason == "closed":
        return f"{name} has closed the account, so no message arrives there any more."
    if reason == "blocked":
        return f"{name} takes no messages from you."
    return f"You have blocked {name}, so neither of you gets messages from the other. Unblock {name} to write."
