"""Links that prove themselves: the id of a row and a keyed hash over it and over what must still be so. Nothing is
kept, so a mail that is made twice carries the same link, and a leaked database opens none."""

import hmac
import re
from hashlib import sha256

from shared import ids

_ID_DIGITS, _MAC_BYTES = 14, 16
# Hexadecimal in one case, because the local part of an address may lose its case on the way.
_TOKEN = re.compile(rf"([0-9a-f]{{{_ID_DIGITS}}})([0-9a-f]{{{2 * _MAC_BYTES}}})")


def sign(key: bytes, purpose: str, row_id: int, *bound: str | int) -> str:
    """46 hexadecimal digits that open `purpose` for a row while `bound` stays what it is; `key` is the site's secret.

    The same every time it is asked for.
    """
    return f"{ids.public(row_id):0{_ID_DIGITS}x}{_mac(key, purpose, row_id, bound)}"


def claimed(token: str) -> int | None:
    """The row that a token speaks of, for choosing the session; None for what cannot be a token. Proves nothing."""
    found = _TOKEN.fullmatch(token)
    if found is None or (value := int(found[1], 16)) > ids.MAX_ID:
        return None
    return ids.from_public(value)


def proves(key: bytes, purpose: str, token: str, *bound: str | int) -> bool:
    """Whether we signed the token for this purpose, and for what is `bound` now. In constant time."""
    row_id = claimed(token)
    return row_id is not None and hmac.compare_digest(token[_ID_DIGITS:], _mac(key, purpose, row_id, bound))


def _mac(key: bytes, purpose: str, row_id: int, bound: tuple[str | int, ...]) -> str:
    # Each part by its length, so that no two lists of parts are signed alike.
    parts = [part.encode() for part in ("link", purpose, str(row_id), *map(str, bound))]
    return hmac.digest(key, b"".join(b"%d:%b" % (len(part), part) for part in parts), sha256)[:_MAC_BYTES].hex()
