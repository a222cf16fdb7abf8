"""Settings that are well formed and still not wise."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from jobs.doctor.finding import Finding, ok, warn
from shared.config import LOOPBACK, Settings


def public_address(settings: Settings) -> Iterator[Finding]:
    """How visitors reach the site: plain http is for this machine only."""
    url = urlsplit(settings.public_url)
    local = url.hostname in LOOPBACK
    if url.scheme == "http" and not local:
        yield warn(
            "public address",
            f"{settings.public_url} is plain http: passwords and sessions travel in the clear",
            "Put a TLS proxy in front and set STEVESLIST_PUBLIC_URL=https://...",
        )
    else:
        yield ok("public address", settings.public_url)
    if (url.scheme == "https" or not local) and settings.trusted_proxies == 0:
        yield warn(
            "proxies",
            "STEVESLIST_TRUSTED_PROXIES is 0: without a proxy a few strangers who begin forms and send no more keep "
            "all others from sending any; behind one every visitor has its address",
            "Put nginx in front as docs/settings.md says, and set it to the number of proxies.",
        )
    if not local and settings.mail_url.startswith("maildir:"):
        yield warn(
            "mail", "mail stays on this machine", "Set STEVESLIST_MAIL_URL=smtp://... so that it reaches people."
        )


def web_workers(settings: Settings) -> Iterator[Finding]:
    """More workers than cores cost memory and gain nothing."""
    cores = len(os.sched_getaffinity(0))
    fact = f"{settings.web_workers} web workers on {cores} cores"
    if settings.web_workers > 2 * cores:
        yield warn("web workers", fact, f"STEVESLIST_WEB_WORKERS={cores} serves as much with less memory.")
    else:
        yield ok("web workers", fact)
