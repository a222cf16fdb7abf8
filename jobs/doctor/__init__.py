"""What `python3 run.py doctor` examines. One list; a room adds its checks by adding a function to a module and here."""

from collections.abc import Callable, Iterable, Iterator

from jobs.doctor import dependencies, flow, machine
from jobs.doctor import settings as settings_checks
from jobs.doctor.dependencies import own_mail, send_mail
from jobs.doctor.finding import Finding, Level, fail
from shared.config import Settings

Check = Callable[[Settings], Iterable[Finding]]
CHECKS: tuple[Check, ...] = (
    machine.versions,
    machine.disk,
    machine.permissions,
    settings_checks.public_address,
    settings_checks.web_workers,
    dependencies.databases,
    dependencies.query_plans,
    dependencies.redis,
    dependencies.index,
    dependencies.mail,
    dependencies.photos,
    flow.events,
    flow.webhooks,
    flow.schedules,
    flow.time,
    flow.site,
)

_NEED_DATABASES = (dependencies.query_plans, flow.events, flow.webhooks, flow.schedules, flow.time)

__all__ = ["CHECKS", "Check", "Finding", "Level", "examine", "own_mail", "send_mail"]


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings of every check, in order; without databases nobody is asked about what is in them."""
    without_databases = False
    for check in CHECKS:
        if without_databases and check in _NEED_DATABASES:
            continue
        findings = list(_ask(check, settings))
        yield from findings
        if check is dependencies.databases:
            without_databases = any(finding.level is Level.FAIL for finding in findings)


def _ask(check: Check, settings: Settings) -> Iterator[Finding]:
    """A check that breaks is a finding too, and stops no other."""
    try:
        yield from check(settings)
    except Exception as error:  # whatever breaks here is exactly what the operator came to learn
        yield fail(check.__name__.replace("_", " "), f"{type(error).__name__}: {error}")
