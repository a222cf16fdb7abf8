"""Delivery status notifications (RFC 3464): that a mail of ours did not arrive."""

from email.message import Message


def is_report(message: Message) -> bool:
    """Whether a mail server wrote this about a mail."""
    return message.get_content_type() == "multipart/report"


def tells_of_failure(message: Message) -> bool:
    """Whether it says of a recipient that he was given up for good: action `failed`, status 5.x.x."""
    blocks = (block for part in message.walk() for block in _blocks(part))
    return any(_failed(block) for block in blocks)


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a status part: one about the mail, then one for each recipient."""
    payload = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(payload, list):
        return []
    return [block for block in payload if isinstance(block, Message)]


def _failed(block: Message) -> bool:
    action, status = str(block.get("Action", "")), str(block.get("Status", ""))
    return action.strip().lower() == "failed" and status.strip().startswith("5.")
