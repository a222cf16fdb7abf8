"""What `python3 run.py doctor` examines. One list; a room adds its checks by adding a function to a module and here."""

from collections.abc import Callable, Iterable, Iterator

from jobs.doctor import dependencies, machine
from jobs.doctor import settings as settings_checks
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
    dependencies.redis,
    dependencies.failed_jobs,
    dependencies.index,
    dependencies.mail,
    dependencies.photos,
)

__all__ = ["CHECKS", "Check", "Finding", "Level", "examine"]


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings of every check, in order. A check that breaks is a finding too, and stops no other."""
    for check in CHECKS:
        try:
            yield from check(settings)
        except Exception as error:  # whatever breaks here is exactly what the operator came to learn
            yield fail(check.__name__.replace("_", " "), f"{type(error).__name__}: {error}")
