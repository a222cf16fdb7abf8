"""Webhooks in words, and what receivers answered made fit to be shown."""

STATES = {
    "waiting": "Waiting",
    "sending": "Under way",
    "delivered": "Delivered",
    "failed": "Failed",
    "aborted": "Not wanted",
    "missed": "Missed",
}


def visible(text: str) -> str:
    """`text` with a mark for each character that has no shape: no page may hold controls, or turn its direction."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
