"""Bearer tokens that know their row: 14 hexadecimal digits of the row's public id, then 192 random bits.

The id leads to the owner's shard without asking the directory; only the SHA-256 of the random part is kept.
"""

import hmac
import re
import secrets
from hashlib import sha256

from shared import ids

_ID_DIGITS = 14
_TOKEN = re.compile(rf"([0-9a-f]{{{_ID_DIGITS}}})([A-Za-z0-9_-]{{32}})")


def mint(row_id: int) -> tuple[str, bytes]:
    """A fresh token for a row, and the hash to keep in the row."""
    secret = secrets.token_urlsafe(24)
    return f"{ids.public(row_id):0{_ID_DIGITS}x}{secret}", digest(secret)


def parse(token: str) -> tuple[int, bytes] | None:
    """The row's id and the hash that it should hold, or None for what cannot be a token."""
    found = _TOKEN.fullmatch(token)
    if found is None or (value := int(found[1], 16)) > ids.MAX_ID:
        return None
    return ids.from_public(value), digest(found[2])


def digest(secret: str) -> bytes:
    """What is kept of the random part. Unsalted and quick, which 192 bits of randomness allow."""
    return sha256(secret.encode()).digest()


def same(kept: bytes, offered: bytes) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(kept, offered)
