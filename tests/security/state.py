"""What people put into the site, row by row, to show that a request changed nothing."""

import sqlite3

from tests.journeys.site import Site

TABLES = ("user", "login_session", "account_link", "listing", "listing_photo", "listing_link", "favourite")
# Not the copies in inboxes: they arrive by themselves a moment after their message was sent.
TABLES += ("message_sent",)
# Reading a page moves these; they say nothing of what was done.
_MOVING = {"seen_at"}


def contents(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every user shard, by table."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for shard in ("u1", "u2"):
        connection = sqlite3.connect(f"file:{site.var}/db/{shard}.sqlite?mode=ro", uri=True, timeout=20)
        for table in TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in _MOVING]
            # The timetable ends listings whose time is over whenever it comes to them.
            lasting = "WHERE coalesce(expires_at > strftime('%s', 'now') + 0, 1)" if table == "listing" else ""
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table} {lasting}")
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
