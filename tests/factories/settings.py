"""Settings for a site under a temporary folder."""

from pathlib import Path
from typing import Any

from shared.config import Settings


def settings(var: Path, **changes: Any) -> Settings:
    """Complete settings; nothing outside `var` is touched, no address is reachable."""
    values: dict[str, Any] = {
        "var": var,
        "site_name": "Steveslist",
        "public_url": "http://127.0.0.1:8000",
        "public_bind": "127.0.0.1:8000",
        "staff_bind": "127.0.0.1:8443",
        "directory_url": f"sqlite:///{var}/directory.sqlite",
        "shards": {name: f"sqlite:///{var}/{name}.sqlite" for name in ("u1", "u2", "c1")},
        "redis_url": f"unix://{var}/redis.sock",
        "secret_key": b"the secret of the tests, 32 bytes",
        "id_key": b"the key of the tests, 16 bytes or more",
        "mail_url": f"maildir:{var}/mail",
        "mail_from": "noreply@example.org",
        "mail_domain": None,
        "lmtp_bind": None,
        "operators": (),
        "news_per_hour": 1200,
        "blob_url": f"file:{var}/blobs",
        "log_format": "text",
        "bcrypt_cost": 4,
        "allocation": "random",
        "trusted_proxies": 0,
        "web_workers": 1,
        "web_threads": 1,
        "page_cache_seconds": 0,
        "webhook_loopback": False,
        "streams": 4,
        "streams_bind": f"unix:{var}/streams.sock",
    }
    return Settings(**{**values, **changes})
