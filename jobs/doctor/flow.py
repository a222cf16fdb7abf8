"""What should be moving: events to consumers, webhooks to receivers, scheduled jobs, pages to visitors, the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

from jobs.doctor.finding import Finding, fail, ok, warn
from jobs.supervisor.addresses import serves_http
from jobs.timetable import TIMETABLE
from shared import clock, scheduling, sharding
from shared.config import Settings
from shared.events import parked
from shared.webhooks import oldest_due

_LATE_SECONDS, _OVERDUE_SECONDS = 60, 900
_AHEAD_SECONDS = 60


def events(_settings: Settings) -> Iterator[Finding]:
    """Events are relayed within a minute, and no consumer has given one up."""
    shards = sharding.current().names("user")
    waiting = [clock.now() - at for shard in shards if (at := parked.oldest_pending(shard)) is not None]
    if waiting and max(waiting) > _LATE_SECONDS:
        yield warn("events", f"the oldest has waited {max(waiting):,} s", "The relay runs while `python3 run.py` does.")
    else:
        yield ok("events", "none waits for the relay" if not waiting else "the relay keeps up")
    dead = sum(map(parked.count_parked, shards))
    if dead:
        yield warn("dead letters", f"consumers gave up on {dead}", "python3 run.py events dead, then events retry")


def schedules(_settings: Settings) -> Iterator[Finding]:
    """No scheduled job is late, and the last run of each ended well."""
    overdue = {each.schedule for each in scheduling.dispatchable(_OVERDUE_SECONDS)}
    last = [scheduling.last_ended(schedule.name) for schedule in TIMETABLE]
    failed = {each.schedule for each in last if each is not None and each.status == "failed"}
    if overdue:
        yield warn(
            "schedules", f"late: {', '.join(sorted(overdue))}", "The scheduler runs while `python3 run.py` does."
        )
    if failed:
        yield warn("schedules", f"failed: {', '.join(sorted(failed))}", "python3 run.py schedule runs")
    if not overdue | failed:
        yield ok("schedules", "none is late, none has failed")


def webhooks(settings: Settings) -> Iterator[Finding]:
    """What is due to sellers' servers is sent, and to no address that only this machine should reach."""
    shards = sharding.current().names("user")
    late = max((clock.now() - at for shard in shards if (at := oldest_due(shard)) is not None), default=0)
    if late > _LATE_SECONDS:
        yield warn("webhooks", f"the oldest is {late:,} s late", "The sender runs while `python3 run.py` does.")
    else:
        yield ok("webhooks", "none is late")
    if settings.webhook_loopback and not settings.on_loopback:
        yield warn(
            "webhooks",
            "STEVESLIST_WEBHOOK_LOOPBACK lets strangers reach what listens on this machine alone",
            "Take the setting out: it is for developing a receiver.",
        )


def site(settings: Settings) -> Iterator[Finding]:
    """The public site answers where it should."""
    if serves_http(settings.public_bind):
        yield ok("site", f"answers on {settings.public_bind}")
    else:
        yield warn("site", f"does not answer on {settings.public_bind}", "Start it: python3 run.py")


def time(_settings: Settings) -> Iterator[Finding]:
    """The clock has not gone back behind what was already done."""
    now = clock.now()
    newest = max((each.touched_at for each in scheduling.runs(1)), default=0)
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if newest > now + _AHEAD_SECONDS:
        advice = "Set the clock (NTP). If it is right now, it was ahead then: what ran early does not run again."
        yield fail("clock", f"it is {shown}, {newest - now:,} s before the last scheduled job", advice)
    else:
        yield ok("clock", shown)
