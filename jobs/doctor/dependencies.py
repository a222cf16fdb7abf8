"""What the site leans on: databases, Redis, the search index, mail, photos."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from jobs.doctor.finding import Finding, fail, ok, warn
from jobs.supervisor.services import embedded_redis_url
from shared import sharding
from shared.config import Settings
from shared.gateways.mail import Mail, MaildirMailer, MailError, mailer
from shared.migrations import require_current
from shared.queues import RedisError, connect
from shared.search import open_index
from shared.sharding.bootstrap import identity
from shared.sharding.engines import Database

_MAIL_SECONDS = 10
# What to do about each code of MailError.
_MAIL_ADVICE = {
    "mail_unreachable": "Correct the host and port of STEVESLIST_MAIL_URL, or let this machine reach it.",
    "mail_silent": "Correct host and port: 465 is for smtps://, 587 for smtp://. Or a firewall keeps us from there.",
    "mail_tls": "smtps:// is for TLS from the start (465), smtp:// for STARTTLS (587); ?ca=FILE trusts an authority.",
    "mail_login": "Correct the user name and password in STEVESLIST_MAIL_URL.",
    "mailbox": "Correct the address that the mail is for.",
    "mail_address": "Correct the address that the mail is for.",
    "mail_refused": "Correct STEVESLIST_MAIL_FROM and STEVESLIST_MAIL_DOMAIN, or have the mail server accept them.",
}
_STATISTICS = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")


def databases(settings: Settings) -> Iterator[Finding]:
    """Every database answers and is at this code's revision."""
    fleet = sharding.configure(settings)
    found = [fleet.directory, *fleet.shards.values()]
    # Opening a SQLite file that is not there would make it.
    missing = [each.url.database for each in found if each.is_sqlite and not Path(each.url.database or "").exists()]
    if missing:
        yield fail(
            "databases",
            f"{', '.join(map(str, missing))} not there yet",
            "Start the site once, or `python3 run.py migrate`.",
        )
        return
    require_current(fleet)
    for name in fleet.shards:
        if (known := identity(name)) != name:
            yield fail(
                "databases", f"{name} says that it is {known}", "Correct STEVESLIST_SHARDS before anything starts."
            )
    kinds = sorted({each.url.get_backend_name() for each in found})
    yield ok("databases", f"{', '.join(each.name for each in found)} answer and are current ({', '.join(kinds)})")
    fleet.dispose()


def query_plans(_settings: Settings) -> Iterator[Finding]:
    """SQLite has no statistics: the indexes are made for the plans that it chooses without, and tested so."""
    fleet = sharding.current()
    analyzed = [each for each in (fleet.directory, *fleet.shards.values()) if each.is_sqlite and _has_statistics(each)]
    for each in analyzed:
        yield warn(
            "query plans",
            f"somebody ran ANALYZE on {each.name}: its pages may read whole tables",
            f"sqlite3 {each.url.database} 'DROP TABLE sqlite_stat1'",
        )
    if not analyzed:
        yield ok("query plans", "no table statistics lead them astray")


def _has_statistics(database: Database) -> bool:
    with database.reader.connect() as connection:
        return connection.execute(_STATISTICS).first() is not None


def redis(settings: Settings) -> Iterator[Finding]:
    """Redis answers and keeps what it is given."""
    client = connect(settings.redis_url)
    try:
        facts = {**client.info("server"), **client.info("persistence"), **client.info("memory")}
    except RedisError as error:
        if settings.redis_url == embedded_redis_url(settings):
            yield warn("redis", "the embedded Valkey is not running", "It runs while `python3 run.py` does.")
        else:
            yield fail("redis", f"does not answer ({type(error).__name__})", "Start it, or correct REDIS_URL.")
        return
    name = facts.get("server_name", "redis")
    yield ok(
        "redis", f"{name} {facts.get(f'{name}_version', facts['redis_version'])}, {facts['used_memory_human']} in use"
    )
    if not facts["aof_enabled"]:
        yield warn("redis", "jobs are lost when it restarts (no append-only file)", "Set `appendonly yes`.")
    if facts.get("maxmemory_policy", "noeviction") != "noeviction":
        yield warn(
            "redis", f"it drops jobs when full ({facts['maxmemory_policy']})", "Set `maxmemory-policy noeviction`."
        )


def index(settings: Settings) -> Iterator[Finding]:
    """The search index can be asked."""
    health = open_index(settings).health()
    if health.ok:
        yield ok("search index", f"{health.documents:,} listings, {health.bytes / 1e6:,.1f} MB")
    else:
        yield fail("search index", health.reason or "cannot be asked", "python3 run.py search rebuild")


def mail(settings: Settings) -> Iterator[Finding]:
    """The mail server lets us in and takes our sender, or the maildir can be written. Sends nothing."""
    box = mailer(settings.mail_url, settings.mail_from, settings.site_name)
    if isinstance(box, MaildirMailer):
        yield _folder("mail", box.root)
        return
    # Where bounces go, if they reach us: not every server takes mail with another sender than ours.
    bounces = [f"bounce@{settings.mail_domain}"] if settings.mail_domain else []
    try:
        replace(box, timeout=_MAIL_SECONDS).probe(settings.mail_from, *bounces)
    except MailError as error:
        yield fail("mail", f"{box.host}: {error.message}", _MAIL_ADVICE.get(error.code, _MAIL_ADVICE["mail_refused"]))
    else:
        yield ok("mail", f"{box.host} lets us in and takes mail from {settings.mail_from}")


def send_mail(settings: Settings, to: str) -> Iterator[Finding]:
    """A mail goes out the way every mail of the site does."""
    text = f"This is a test: mail of {settings.public_url} gets out.\n"
    try:
        mailer(settings.mail_url, settings.mail_from, settings.site_name).send(Mail(to, "Mail gets out", text))
    except MailError as error:
        yield fail("test mail", error.message, _MAIL_ADVICE.get(error.code, _MAIL_ADVICE["mail_refused"]))
    else:
        yield ok("test mail", f"handed over for {to}")


def own_mail(settings: Settings) -> Iterator[Finding]:
    """The site sends itself a mail: to the first operator, or into its maildir."""
    maildir = urlsplit(settings.mail_url).scheme == "maildir"
    if settings.operators:
        yield from send_mail(settings, settings.operators[0])
    elif maildir and settings.var.is_dir():
        yield from send_mail(settings, settings.mail_from)
    elif not maildir:
        yield warn("test mail", "there is nobody to send one to", "Set STEVESLIST_OPERATORS=you@example.org.")


def photos(settings: Settings) -> Iterator[Finding]:
    """Photos can be stored."""
    yield _folder("photos", Path(urlsplit(settings.blob_url).path))


def _folder(subject: str, path: Path) -> Finding:
    if not path.is_dir():
        return fail(subject, f"{path} is not there", "Start the site once; it makes what is missing.")
    if not os.access(path, os.W_OK | os.X_OK):
        return fail(subject, f"{path} cannot be written", "Give it to the user that the site runs as.")
    return ok(subject, f"kept in {path}")
