"""The timetable: every scheduled job of the house, in one list."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs import alerting, housekeeping, message_mails, newsletters, reporting


class CatchUp(Enum):
    """What to do with slots that were missed while nothing ran."""

    ALL = "all"
    LATEST = "latest"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job, when it is due, and what missed slots are worth. The job returns a line for the ledger."""

    name: str
    trigger: BaseTrigger
    job: Callable[[], str]
    catch_up: CatchUp = CatchUp.LATEST


def _every(seconds: int) -> IntervalTrigger:
    # A fixed start, so that every process computes the same slots.
    return IntervalTrigger(seconds=seconds, start_date="2026-01-01 00:00:00", timezone="UTC")


def _daily(hour: int, minute: int = 0) -> CronTrigger:
    return CronTrigger(hour=hour, minute=minute, timezone="UTC")


def _weekly(hour: int, minute: int = 0) -> CronTrigger:
    return CronTrigger(day_of_week="mon", hour=hour, minute=minute, timezone="UTC")


TIMETABLE = (
    Schedule("expire_listings", _every(300), housekeeping.expire_listings),
    Schedule("warn_sellers", _every(900), housekeeping.warn_sellers),
    Schedule("send_news", _every(3600 // newsletters.RUNS_PER_HOUR), newsletters.send_news),
    Schedule("settle_claims", _every(300), housekeeping.settle_claims),
    Schedule("mail_gathered", _every(120), message_mails.mail_gathered),
    Schedule("send_alerts", _every(60), alerting.send_alerts),
    Schedule("renew_alert_keys", _every(900), alerting.renew_keys),
    Schedule("compare_index", _every(3600), housekeeping.compare_index),
    Schedule("tidy_accounts", _daily(3, 10), housekeeping.tidy_accounts),
    Schedule("reconcile_catalogue", _daily(3, 20), housekeeping.reconcile_catalogue),
    Schedule("forget_events", _daily(3, 30), housekeeping.forget_events),
    Schedule("forget_webhooks", _daily(3, 35), housekeeping.forget_webhooks),
    Schedule("forget_requests", _daily(3, 40), housekeeping.forget_requests),
    Schedule("tidy_messages", _daily(3, 45), housekeeping.tidy_messages),
    Schedule("forget_alerts", _daily(3, 48), alerting.forget),
    Schedule("purge", _daily(3, 50), housekeeping.purge),
    # At the end of the night, because it is long and needs the disk: what the night deleted need not be indexed.
    Schedule("rebuild_index", _daily(4, 20), housekeeping.rebuild_index),
    Schedule("report_usage", _weekly(6), reporting.report_usage),
    Schedule("examine", _weekly(6, 10), reporting.examine),
)
BY_NAME = {schedule.name: schedule for schedule in TIMETABLE}
