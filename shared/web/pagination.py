"""Keyset paging: a cursor is the sort key of the last row shown, so a page costs the same however deep it lies.

Cursors are readable by us alone but not secret; they are validated strictly rather than signed, because a forged one
only names another place in a public order.
"""

import base64
import binascii
import struct

from flask import request
from werkzeug.exceptions import BadRequest

_LIMIT = 2**53


class BadCursor(BadRequest):
    """A cursor that is none of ours."""

    description = "This page number is not one of ours. Start again from the first page."


def encode(*key: int) -> str:
    """An opaque URL-safe cursor for a tuple of whole numbers in 0..2^53."""
    if not all(0 <= part < _LIMIT for part in key):
        raise ValueError(f"a cursor holds whole numbers below 2^53, not {key}")
    return base64.urlsafe_b64encode(struct.pack(f">{len(key)}Q", *key)).decode().rstrip("=")


def decode(cursor: str, parts: int = 2) -> tuple[int, ...]:
    """The tuple of `parts` numbers in a cursor; BadCursor unless `encode` made exactly this text."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        key = struct.unpack(f">{parts}Q", raw)
        if encode(*key) == cursor:
            return key
    except (binascii.Error, struct.error, ValueError):
        pass
    raise BadCursor


def cursor(parts: int = 2, name: str = "after") -> tuple[int, ...] | None:
    """The request's cursor, None on the first page."""
    given = request.args.get(name, "")
    return decode(given, parts) if given else None
