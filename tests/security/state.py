"""What people put into the site, row by row, to show that a request changed nothing."""

import sqlite3

from tests.journeys.site import Site

TABLES = ("user", "login_session", "account_link", "listing", "listing_photo", "listing_link", "favourite")
TABLES += ("mail_choice", "mail_bounce")
TABLES += ("message", "message_block", "complaint", "webhook_endpoint")
# Reading a page, or a message that arrives meanwhile, moves these; they say nothing of what was done.
_MOVING = {"seen_at", "unread", "number"}
# How an endpoint has been doing, which its deliveries tell by themselves.
_MOVING |= {"failures", "failing_since", "failed_at", "succeeded_at", "warned", "opens_at", "window_at", "due_at"}
_MOVING |= {"window_count", "slow"}
# The timetable ends listings whose time is over whenever it comes to them, and messages of others arrive by themselves.
_LASTING = {"listing": "WHERE coalesce(expires_at > strftime('%s', 'now') + 0, 1)", "message": "WHERE mine"}


def contents(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every user shard, by table."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for shard in ("u1", "u2"):
        connection = sqlite3.connect(f"file:{site.var}/db/{shard}.sqlite?mode=ro", uri=True, timeout=20)
        for table in TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in _MOVING]
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table} {_LASTING.get(table, '')}")
            found[f"{shard}.{table}"] = rows.fetchall()
        connection.close()
    return found


def changed(before: dict[str, list[tuple[object, ...]]], site: Site) -> list[str]:
    """Rows that came, went or changed since `before`, in words."""
    after = contents(site)
    return [
        f"{table}: {row}"
        for table, rows in before.items()
        for row in set(map(repr, rows)) ^ set(map(repr, after[table]))
    ]
