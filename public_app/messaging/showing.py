"""What the templates of messages need: for the page of a thread, and for what comes in while it is open."""

from collections.abc import Sequence
from typing import Any

from shared import ids, messaging
from shared.messaging import Message, Thread


def shown(thread: Thread, rows: Sequence[Message], *, asks: bool = False) -> dict[str, Any]:
    """The context of `public/messaging/_message.html` for each of `rows` (as `each`), all of one thread.

    With `asks` open offers have buttons; the template then needs a `form` too.
    """
    return {
        "thread": thread,
        "number": ids.public(thread.id),
        "rows": rows,
        "asks": asks,
        # Offers whose answer is on its way have no buttons any more.
        "answered": {each.offer for each in rows if each.number >= messaging.WAITING},
        "said": messaging.said,
        "not_taken": messaging.not_taken,
        "states": messaging.STATES,
        "waiting": messaging.WAITING,
        "public_id": ids.public,
    }
