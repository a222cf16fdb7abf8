"""Settings: one frozen dataclass, read once at boot from the environment and a `settings.env` file beside run.py.

Each field is the variable STEVESLIST_<FIELD>; the environment wins over the file. A secret may be given as a file by
<VARIABLE>_FILE. A missing or malformed value names itself and stops the process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shared.errors import MarketError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "STEVESLIST_"
_SHARD = re.compile(r"^[uc][0-9a-z]{0,15}$")


class WrongSetting(MarketError):
    """A setting that cannot be used; the message is one sentence that names it."""

    code = "wrong_setting"


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations. Secrets are bytes and never printed."""

    var: Path
    site_name: str
    public_url: str
    public_bind: str
    staff_bind: str
    directory_url: str = field(repr=False)
    shards: Mapping[str, str] = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: bytes = field(repr=False)
    id_key: bytes = field(repr=False)
    mail_url: str = field(repr=False)
    mail_from: str
    blob_url: str
    log_format: str
    bcrypt_cost: int
    allocation: str
    trusted_proxies: int
    web_workers: int
    web_threads: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], root: Path = ROOT) -> "Settings":
        """Read the settings. Raises WrongSetting for the first value that cannot be used."""
        source = _Source({**_read_file(root / "settings.env"), **environ})
        var = Path(source.text("var", str(root / "var"))).absolute()
        public_bind = source.address("public_bind", "127.0.0.1:8000")
        return cls(
            var=var,
            site_name=source.text("site_name", "Steveslist"),
            public_url=source.url("public_url", f"http://{public_bind}"),
            public_bind=public_bind,
            staff_bind=source.address("staff_bind", "127.0.0.1:8443"),
            directory_url=source.secret_text("directory_url", f"sqlite:///{var}/db/directory.sqlite"),
            shards=source.shards("shards", {name: f"sqlite:///{var}/db/{name}.sqlite" for name in ("u1", "u2", "c1")}),
            redis_url=source.secret_text("redis_url", source.secret_text("redis_url", f"unix://{var}/redis/redis.sock", prefix="")),
            secret_key=source.key("secret_key", var / "secrets" / "secret_key"),
            id_key=source.key("id_key", var / "secrets" / "id_key"),
            mail_url=source.secret_text("mail_url", f"maildir:{var}/mail"),
            mail_from=source.text("mail_from", "noreply@" + (urlsplit(f"http://{public_bind}").hostname or "localhost")),
            blob_url=source.text("blob_url", f"file:{var}/blobs"),
            log_format=source.choice("log_format", "text", ("text", "json")),
            bcrypt_cost=source.number("bcrypt_cost", 12, 4, 16),
            allocation=source.text("allocation", "random"),
            trusted_proxies=source.number("trusted_proxies", 0, 0, 10),
            web_workers=source.number("web_workers", 2, 1, 64),
            web_threads=source.number("web_threads", 4, 1, 64),
        )


class _Source:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, field: str, default: str, *, prefix: str = PREFIX) -> str:
        name = prefix + field.upper()
        value = self.values.get(name, default)
        if not value or any(ord(c) < 32 for c in value):
            raise WrongSetting(f"The setting {name} is empty or has control characters.")
        return value

    def secret_text(self, field: str, default: str, *, prefix: str = PREFIX) -> str:
        file = self.values.get(f"{prefix}{field.upper()}_FILE")
        return self.text(field, default, prefix=prefix) if file is None else self._contents(prefix, field, file).strip()

    def _contents(self, prefix: str, field: str, file: str) -> str:
        try:
            return Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSetting(f"The setting {prefix}{field.upper()}_FILE names {file}, which cannot be read: {error}.") from None

    def key(self, field: str, default: Path) -> bytes:
        name = PREFIX + field.upper()
        value = self.values.get(name)
        if value is None:
            file = self.values.get(f"{name}_FILE", str(default))
            if not Path(file).exists():
                raise WrongSetting(f"The secret {name} is missing: {file} does not exist; `python3 run.py` makes it.")
            value = self._contents(PREFIX, field, file)
        if len(value.strip()) < 32:
            raise WrongSetting(f"The secret {name} needs at least 32 characters.")
        return value.strip().encode()

    def number(self, field: str, default: int, least: int, most: int) -> int:
        name = PREFIX + field.upper()
        value = self.values.get(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise WrongSetting(f"The setting {name} is {value!r}; it must be a whole number from {least} to {most}.")
        return int(value)

    def choice(self, field: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(field, default)
        if value not in choices:
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} is {value!r}; it must be one of {', '.join(choices)}.")
        return value

    def address(self, field: str, default: str) -> str:
        value = self.text(field, default)
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} is {value!r}; it must be HOST:PORT, such as {default}.")
        return value

    def url(self, field: str, default: str) -> str:
        value = self.text(field, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise WrongSetting(
                f"The setting {PREFIX}{field.upper()} is {value!r}; it must be like https://example.org, without a path."
            )
        return value

    def shards(self, field: str, default: Mapping[str, str]) -> Mapping[str, str]:
        """`u1=URL u2=URL c1=URL`, separated by white space."""
        text = self.secret_text(field, " ".join(f"{name}={url}" for name, url in default.items()))
        pairs = [part.partition("=") for part in text.split()]
        if any(not _SHARD.match(name) or not url for name, _, url in pairs) or len({p[0] for p in pairs}) < len(pairs):
            raise WrongSetting(
                f"The setting {PREFIX}{field.upper()} must be like `u1=URL u2=URL c1=URL`: "
                "user shards begin with u, catalogue shards with c, each name once."
            )
        return {name: url for name, _, url in pairs}


def _read_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; blank lines and those that begin with # are passed over."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path} cannot be read: {error}.") from None
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name.strip()):
            raise WrongSetting(f"{path} line {number} must be NAME=value.")
        found[name.strip()] = value.strip().strip('"')
    return found
