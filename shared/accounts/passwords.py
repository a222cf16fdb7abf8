"""Passwords: which are accepted, how they are kept, how they are checked.

Kept as bcrypt. What is longer than bcrypt's 72 bytes is hashed with SHA-384 first and marked `$sha384`, so that nothing
is cut off. Only a few are hashed at once in a process: bcrypt leaves the GIL, and pages need the other cores.
"""

import base64
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha384

import bcrypt

from shared.accounts import policy
from shared.accounts.errors import Busy
from shared.errors import Invalid

SHORTEST, LONGEST_BYTES, SUGGESTED = 8, 1024, 15
AT_ONCE, WAIT_SECONDS = 2, 10.0
_BCRYPT_BYTES = 72
_LONG = "$sha384"
_SCHEME = re.compile(rf"^({re.escape(_LONG)})?\$2[aby]\$(\d\d)\$")
_slots = threading.BoundedSemaphore(AT_ONCE)


def check_acceptable(password: str, address: str, field: str = "password") -> None:
    """Raise Invalid (about `field`) for a password that is too short, too long, common, or made of the site or address.

    No rules about kinds of characters (NIST SP 800-63B 3.1.1.2).
    """
    if len(password) < SHORTEST:
        raise Invalid({field: f"Use at least {SHORTEST} characters; {SUGGESTED} or more are better"})
    if len(password.encode("utf-8", "replace")) > LONGEST_BYTES:
        raise Invalid({field: f"Use at most {LONGEST_BYTES:,} bytes"})
    if is_common(password) or _is_about(password, address):
        raise Invalid({field: "This password is easy to guess. A few words that do not belong together are better"})


def is_common(password: str) -> bool:
    """Whether the password, in any case, is among the 30,000 most used ones, or two characters over and over."""
    folded = password.casefold()
    return folded in _most_used() or len(set(folded)) < 3


def hash(password: str) -> str:
    """The hash to keep, at the cost of the policy (about 0.2 s of CPU at cost 12). Raises Busy."""
    data, mark = _prepare(password)
    with _slot():
        return mark + bcrypt.hashpw(data, bcrypt.gensalt(policy.current().bcrypt_cost)).decode()


def verify(password: str, kept: str | None) -> bool:
    """Whether `password` is the one that was hashed. With no hash to compare it takes as long, and is False."""
    stored = kept or _dummy(policy.current().bcrypt_cost)
    wanted_mark = _LONG if stored.startswith(_LONG) else ""
    data, mark = _prepare(password)
    with _slot():
        matches = bcrypt.checkpw(data, stored.removeprefix(_LONG).encode())
    return matches and mark == wanted_mark and bool(kept)


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made at a lower cost than the policy's, or by a scheme that we no longer use."""
    found = _SCHEME.match(kept)
    return found is None or int(found[2]) < policy.current().bcrypt_cost


def _prepare(password: str) -> tuple[bytes, str]:
    # NFC: the same keys give composed letters on one system and decomposed ones on another.
    data = unicodedata.normalize("NFC", password).encode("utf-8", "replace")[: LONGEST_BYTES * 4]
    if len(data) <= _BCRYPT_BYTES:
        return data, ""
    return base64.b64encode(sha384(data).digest()), _LONG


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _slots.release()


@cache
def _dummy(cost: int) -> str:
    return bcrypt.hashpw(b"nobody's password", bcrypt.gensalt(cost)).decode()


@cache
def _most_used() -> frozenset[str]:
    # 25 ms and 8 MB, so only where passwords are chosen.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)


def _is_about(password: str, address: str) -> bool:
    core = re.sub(r"[\W\d_]+", "", password.casefold())
    local, _, domain = address.casefold().rpartition("@")
    known = {policy.current().site_name.casefold(), local, address.casefold(), domain, domain.partition(".")[0]}
    return password.casefold() in known or (bool(core) and core in {re.sub(r"[\W\d_]+", "", word) for word in known})
