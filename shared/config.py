"""Settings: one frozen dataclass, read once at boot from the environment and a `settings.env` file beside run.py.

Each field is the variable STEVESLIST_<FIELD>; the environment wins over the file. A secret may be given as a file by
<VARIABLE>_FILE. A missing, malformed or unknown setting names itself and stops the process.
docs/settings.md lists them all.
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from shared import sockets
from shared.errors import MarketError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "STEVESLIST_"
T = TypeVar("T", bound=str | None)
_SHARD = re.compile(r"^[uc][0-9a-z]{0,15}$")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = r"[^\s@<>,]+@[^\s@<>,]+"
_DATABASES = ("sqlite:///", "mysql+pymysql://", "mariadb+pymysql://")
# Read by run.py before there are settings.
_ELSEWHERE = {f"{PREFIX}VENV"}


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
    mail_domain: str | None
    lmtp_bind: str | None
    operators: tuple[str, ...]
    news_per_hour: int
    blob_url: str
    log_format: str
    bcrypt_cost: int
    allocation: str
    trusted_proxies: int
    web_workers: int
    web_threads: int
    page_cache_seconds: int
    webhook_loopback: bool
    streams: int
    streams_bind: str

    @property
    def on_loopback(self) -> bool:
        """Whether visitors are on this very machine, as in development: plain http and a name that leads only here."""
        url = urlsplit(self.public_url)
        return url.scheme == "http" and url.hostname in LOOPBACK

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], root: Path = ROOT) -> "Settings":
        """Read the settings. Raises WrongSetting for the first value that cannot be used."""
        source = _Source(gather(environ, root))
        var = var_folder(source.values, root)
        public_bind = source.address("public_bind", "127.0.0.1:8000")
        public_url = source.url("public_url", f"http://{_reachable(public_bind)}")
        shards = source.shards("shards", {name: f"sqlite:///{var}/db/{name}.sqlite" for name in ("u1", "u2", "c1")})
        homes = "|".join(name for name in shards if name.startswith("u"))
        return cls(
            var=var,
            site_name=source.text("site_name", "Steveslist"),
            public_url=public_url,
            public_bind=public_bind,
            staff_bind=source.address("staff_bind", "127.0.0.1:8443"),
            directory_url=source.database("directory_url", f"sqlite:///{var}/db/directory.sqlite"),
            shards=shards,
            redis_url=source.redis("redis_url", f"unix://{var}/redis/redis.sock"),
            secret_key=source.key("secret_key", var / "secrets" / "secret_key"),
            id_key=source.key("id_key", var / "secrets" / "id_key"),
            **_mail(source, var, public_url),
            blob_url=source.fitting("blob_url", f"file:{var}/blobs", r"file:[^?#]+", "file:PATH"),
            log_format=source.choice("log_format", "text", ("text", "json")),
            bcrypt_cost=source.number("bcrypt_cost", 12, 4, 16),
            allocation=source.fitting(
                "allocation",
                "random",
                rf"random|weighted|(range|own):({homes})",
                "random, weighted, or range:SHARD or own:SHARD with a user shard of STEVESLIST_SHARDS",
            ),
            trusted_proxies=source.number("trusted_proxies", 0, 0, 10),
            web_workers=source.number("web_workers", 2, 1, 64),
            web_threads=source.number("web_threads", 4, 1, 64),
            page_cache_seconds=source.number("page_cache_seconds", 0, 0, 30),
            webhook_loopback=source.choice("webhook_loopback", "no", ("no", "yes")) == "yes",
            streams=source.number("streams", 64, 0, 1000),
            streams_bind=source.local("streams_bind", f"unix:{var}/run/streams.sock"),
        )


def _mail(source: "_Source", var: Path, public_url: str) -> dict[str, Any]:
    """What has to do with mail."""
    return {
        "mail_url": source.mail("mail_url", f"maildir:{var}/mail"),
        "mail_from": source.fitting(
            "mail_from", f"noreply@{_mail_domain(public_url)}", _ADDRESS, "an address alone, NAME@HOST"
        ),
        "mail_domain": source.optional(
            "mail_domain",
            r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*",
            "a host name in small letters, such as mail.example.org",
        ),
        "lmtp_bind": source.local("lmtp_bind", None),
        "operators": source.addresses("operators"),
        "news_per_hour": source.number("news_per_hour", 1200, 12, 1_000_000),
    }


def gather(environ: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """Every variable by name: `settings.env` beside run.py, overruled by the environment.

    Raises WrongSetting for a STEVESLIST_ name that means nothing, since a misspelt setting would go unnoticed.
    """
    values = {**_read_file(root / "settings.env"), **environ}
    known = {PREFIX + each.name.upper() for each in fields(Settings)} | _ELSEWHERE
    for name in values:
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise WrongSetting(
                f"There is no setting {name}; "
                + (f"did you mean {near[0]}?" if near else "docs/settings.md lists them.")
            )
    return values


def var_folder(values: Mapping[str, str], root: Path = ROOT) -> Path:
    """Where the site keeps its things. A relative path counts from run.py's folder."""
    return root / _Source(values).text("var", "var")


def _reachable(bind: str) -> str:
    """The address at which this machine reaches what listens on `bind`."""
    host, _, port = bind.rpartition(":")
    return f"localhost:{port}" if host in ("0.0.0.0", "[::]") else bind


def _split(url: str) -> SplitResult | None:
    """The parts of a URL, or None when it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _mail_domain(url: str) -> str:
    host = urlsplit(url).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return "localhost"


class _Source:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, field: str, default: str, *, prefix: str = PREFIX) -> str:
        name = prefix + field.upper()
        value = self.values.get(name, default)
        if not value or any(ord(c) < 32 for c in value):
            raise WrongSetting(f"The setting {name} is empty or has control characters.")
        return value

    def fitting(self, field: str, default: str, pattern: str, wanted: str) -> str:
        value = self.text(field, default)
        if not re.fullmatch(pattern, value):
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} is {value!r}; it must be {wanted}.")
        return value

    def optional(self, field: str, pattern: str, wanted: str) -> str | None:
        return self.fitting(field, "", pattern, wanted) if self.values.get(f"{PREFIX}{field.upper()}") else None

    def addresses(self, field: str) -> tuple[str, ...]:
        given = self.optional(field, rf"{_ADDRESS}(\s*,\s*{_ADDRESS})*", "addresses alone, separated by commas")
        return tuple((given or "").replace(",", " ").split())

    def secret_text(self, field: str, default: str, *, prefix: str = PREFIX) -> str:
        file = self.values.get(f"{prefix}{field.upper()}_FILE")
        return self.text(field, default, prefix=prefix) if file is None else self._contents(prefix, field, file).strip()

    def _contents(self, prefix: str, field: str, file: str) -> str:
        try:
            return Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSetting(
                f"The setting {prefix}{field.upper()}_FILE names {file}, which cannot be read: {error}."
            ) from None

    def key(self, field: str, default: Path) -> bytes:
        name = PREFIX + field.upper()
        value = self.values.get(name)
        if value is None:
            file = self.values.get(f"{name}_FILE", str(default))
            if f"{name}_FILE" not in self.values and not default.exists():
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
        return self.fitting(field, default, "|".join(choices), f"one of {', '.join(choices)}")

    def address(self, field: str, default: str) -> str:
        value = self.text(field, default)
        host, _, port = value.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        if (
            not host
            or (":" in bare) != (bare != host)
            or not re.fullmatch(r"[0-9]{1,5}", port)
            or not 0 < int(port) < 65536
        ):
            raise WrongSetting(
                f"The setting {PREFIX}{field.upper()} is {value!r}; it must be HOST:PORT, such as {default}."
            )
        return value

    def local(self, field: str, default: T) -> str | T:
        """Where something listens for this machine alone, since whoever connects there is trusted."""
        value = self.values.get(f"{PREFIX}{field.upper()}")
        if not value:
            return default
        if not value.startswith(sockets.UNIX):
            self.address(field, "127.0.0.1:8001")
        if not sockets.is_local(value) or not sockets.fits(value):
            wanted = f"it must be a HOST:PORT of this machine, or unix:PATH of at most {sockets.LONGEST_PATH} bytes"
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} is {value!r}; {wanted}.")
        return value

    def url(self, field: str, default: str) -> str:
        value = self.text(field, default).rstrip("/")
        parts = _split(value)
        if not parts or parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            wanted = "it must be like https://example.org, without a path"
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} is {value!r}; {wanted}.")
        return value

    def database(self, field: str, default: str) -> str:
        value = self.secret_text(field, default)
        if not value.startswith(_DATABASES) or not _split(value):
            # The value itself may hold a password.
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} must begin with {' or '.join(_DATABASES)}.")
        return value

    def redis(self, field: str, default: str) -> str:
        """REDIS_URL is what hosting services call it; our own name wins."""
        value = self.secret_text(field, self.secret_text(field, default, prefix=""))
        parts = _split(value)
        if not parts or parts.scheme not in ("redis", "rediss", "unix"):
            raise WrongSetting(f"The setting {PREFIX}{field.upper()} must be like redis://host:6379/0 or unix:///path.")
        return value

    def mail(self, field: str, default: str) -> str:
        value = self.secret_text(field, default)
        parts = _split(value)
        needed = {"maildir": "path", "smtp": "hostname", "smtps": "hostname"}
        if not parts or parts.scheme not in needed or not getattr(parts, needed[parts.scheme]):
            # The value itself may hold a password.
            raise WrongSetting(
                f"The setting {PREFIX}{field.upper()} must be like smtp://user:password@host:587, smtps://host "
                "or maildir:PATH."
            )
        return value

    def shards(self, field: str, default: Mapping[str, str]) -> Mapping[str, str]:
        """`u1=URL u2=URL c1=URL`, separated by white space."""
        text = self.secret_text(field, " ".join(f"{name}={url}" for name, url in default.items()))
        pairs = [part.partition("=") for part in text.split()]
        wrong = any(
            not _SHARD.match(name) or not url.startswith(_DATABASES) or not _split(url) for name, _, url in pairs
        )
        if wrong or len({name for name, _, _ in pairs}) < len(pairs):
            raise WrongSetting(
                f"The setting {PREFIX}{field.upper()} must be like `u1=URL u2=URL c1=URL`: "
                "user shards begin with u, catalogue shards with c, each name once, "
                f"each URL with {' or '.join(_DATABASES)}."
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
