"""What the installation decides about webhooks, set once at boot."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from shared.config import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """`key` is what signing secrets are derived from; `loopback` lets a developer receive on this machine."""

    key: bytes = field(repr=False)
    public_url: str
    loopback: bool


_current: Policy | None = None


def configure(settings: Settings) -> None:
    """Adopt the settings for this process. May be called again."""
    global _current
    key = hmac.digest(settings.secret_key, b"webhook signing secrets", sha256)
    _current = Policy(key, settings.public_url, settings.webhook_loopback)


def current() -> Policy:
    """The policy in force; RuntimeError when nobody configured one."""
    if _current is None:
        raise RuntimeError("webhooks.configure(settings) was not called")
    return _current
