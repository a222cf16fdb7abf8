"""53-bit ids: bucket(10) · number(21) · sequence(22), and the public ids that hide the counts in them.

The first 31 bits are the owner's user id, so an id names its owner and a user's rows are one primary-key range.
Public ids are a keyed permutation of the same 53 bits: safe in JSON, one to one, telling neither order nor amount.
"""

from functools import lru_cache
from hashlib import blake2b

SEQUENCE_BITS, NUMBER_BITS, BUCKET_BITS = 22, 21, 10
BUCKETS = 1 << BUCKET_BITS
MAX_SEQUENCE = (1 << SEQUENCE_BITS) - 1
MAX_NUMBER = (1 << NUMBER_BITS) - 1
MAX_OWNER = (1 << (NUMBER_BITS + BUCKET_BITS)) - 1
MAX_ID = (1 << 53) - 1

_LOW_BITS = 27
_LOW, _HIGH = (1 << _LOW_BITS) - 1, (1 << 26) - 1
_ROUNDS = 6
_key = b""


def owner_of(id: int) -> int:
    """The 31-bit user id that owns `id`."""
    return id >> SEQUENCE_BITS


def compose(owner: int, sequence: int) -> int:
    """The id of an owner's `sequence`-th row of a family; ValueError when either does not fit."""
    if not 0 <= owner <= MAX_OWNER or not 0 <= sequence <= MAX_SEQUENCE:
        raise ValueError(f"owner {owner} or sequence {sequence} out of range")
    return owner << SEQUENCE_BITS | sequence


def compose_owner(bucket: int, number: int) -> int:
    """The user id of the `number`-th user of a bucket; ValueError when either does not fit."""
    if not 0 <= bucket < BUCKETS or not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"bucket {bucket} or number {number} out of range")
    return bucket << NUMBER_BITS | number


def configure(key: bytes) -> None:
    """Set the permutation's key, once at boot. Another key changes every public URL."""
    global _key
    if len(key) < 16:
        raise ValueError("the id key needs at least 16 bytes")
    _key = key[:64]
    public.cache_clear()
    from_public.cache_clear()


def _mix(round_: int, half: int) -> int:
    if not _key:
        raise RuntimeError("ids.configure(key) was not called")
    message = round_ << 32 | half
    return int.from_bytes(blake2b(message.to_bytes(8, "big"), key=_key, digest_size=4).digest(), "big")


@lru_cache(maxsize=65_536)
def public(id: int) -> int:
    """The public form of `id`: an alternating (unbalanced) Feistel network over 26 + 27 bits."""
    if not 0 <= id <= MAX_ID:
        raise ValueError(f"{id} is not a 53-bit id")
    high, low = id >> _LOW_BITS, id & _LOW
    for round_ in range(_ROUNDS):
        if round_ % 2:
            low ^= _mix(round_, high) & _LOW
        else:
            high ^= _mix(round_, low) & _HIGH
    return high << _LOW_BITS | low


@lru_cache(maxsize=65_536)
def from_public(value: int) -> int:
    """The inverse of `public`. Every 53-bit number is some id, so the caller still has to find the row."""
    if not 0 <= value <= MAX_ID:
        raise ValueError(f"{value} is not a 53-bit id")
    high, low = value >> _LOW_BITS, value & _LOW
    for round_ in reversed(range(_ROUNDS)):
        if round_ % 2:
            low ^= _mix(round_, high) & _LOW
        else:
            high ^= _mix(round_, low) & _HIGH
    return high << _LOW_BITS | low
