"""What a webhook says: one JSON object, serialised once. Those bytes are signed, sent, and kept."""

import json
from typing import Any

from shared.events import Recorded
from shared.ids import MAX_SEQUENCE
from shared.webhooks.payloads import Notice, iso
from shared.webhooks.signing import message_id
from shared.webhooks.types import VERSION

MOST_BYTES = 64_000


def body_of(recorded: Recorded, notice: Notice) -> tuple[str, bool]:
    """The body of an event, and whether it had to be thinned: above 64,000 bytes `data` holds ids alone."""
    whole = _serialised(recorded, notice, notice.data)
    if len(whole.encode()) <= MOST_BYTES:
        return whole, False
    return _serialised(recorded, notice, {"truncated": True, **notice.ids}), True


def _serialised(recorded: Recorded, notice: Notice, data: dict[str, Any]) -> str:
    envelope: dict[str, Any] = {
        "id": message_id(recorded.id),
        "type": notice.type,
        "version": VERSION,
        "timestamp": iso(recorded.at),
        "sequence": recorded.id & MAX_SEQUENCE,
        "resource_version": notice.resource_version,
        "data": data,
    }
    if notice.test:
        envelope["test"] = True
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
