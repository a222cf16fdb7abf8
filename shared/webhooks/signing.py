"""Signing secrets and signatures: Standard Webhooks v1 (github.com/standard-webhooks/standard-webhooks, spec).

No secret is kept. Each is derived from the site's key, the endpoint's id and a random salt, which alone is in the
database: a copy of the database signs nothing (docs/adr/0052).
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from shared import clock, ids
from shared.webhooks import policy

PREFIX = "whsec_"
DEFAULT_OVERLAP_SECONDS = 86_400
LONGEST_OVERLAP_SECONDS = 7 * 86_400
# As many as fit into a header that every server takes.
MOST_AT_ONCE = 5


def new_salt() -> dict[str, Any]:
    """An entry of `EndpointRow.secrets` for a fresh secret that is good until it is rotated."""
    return {"salt": secrets.token_hex(32), "until": None}


def secret(endpoint_id: int, salt: str) -> bytes:
    """The 32 bytes that sign for an endpoint."""
    message = b"%d:%b" % (endpoint_id, bytes.fromhex(salt))
    return hmac.digest(policy.current().key, message, sha256)


def shown(endpoint_id: int, salt: str) -> str:
    """The secret as the seller keeps it: `whsec_` and standard base64."""
    return PREFIX + base64.b64encode(secret(endpoint_id, salt)).decode()


def in_force(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries whose secrets sign now: the current one and those whose overlap is not over."""
    return [each for each in entries if each["until"] is None or each["until"] > clock.now()]


def message_id(event: int) -> str:
    """The `webhook-id` of an event: the same at every attempt and endpoint, so receivers know a repetition by it."""
    return f"evt_{ids.public(event):016d}"


def signature(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one `v1,<base64>` for each key, joined by one space.

    Signed is `id.timestamp.body`; the timestamp is the attempt's, in Unix seconds.
    """
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    macs = (base64.b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
    return " ".join(f"v1,{mac}" for mac in macs)
