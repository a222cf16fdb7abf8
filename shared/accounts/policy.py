"""What the installation decides about accounts, set once at boot by the door."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from shared.config import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """`bcrypt_cost` is the base-2 logarithm of bcrypt's rounds; `throttle_key` keys the hashes of who tried what."""

    bcrypt_cost: int
    site_name: str
    allocation: str
    throttle_key: bytes


_current: Policy | None = None


def configure(settings: Settings) -> None:
    """Adopt the settings for this process. May be called again."""
    global _current
    key = hmac.digest(settings.secret_key, b"accounts throttle", sha256)
    _current = Policy(settings.bcrypt_cost, settings.site_name, settings.allocation, key)


def current() -> Policy:
    """The policy in force; RuntimeError when nobody configured one."""
    if _current is None:
        raise RuntimeError("accounts.configure(settings) was not called")
    return _current
