"""What became of the mails that came in, counted for each day: all that is kept of those that were not taken."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Integer, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from shared import clock
from shared.sharding import directory, rerun
from shared.sharding.base import DirectoryBase

KEEP_DAYS = 90
_DAY = 86_400


class MailArrival(DirectoryBase):
    """How many mails of a day (since 1970, UTC) had the same outcome."""

    __tablename__ = "mail_arrival"
    day: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


def note_arrival(outcome: str) -> None:
    """Count one mail. Opens its own transaction."""
    day = clock.now() // _DAY
    this = update(MailArrival).where(MailArrival.day == day, MailArrival.outcome == outcome)

    def count() -> None:
        with directory() as session:
            if session.execute(this.values(count=MailArrival.count + 1)).rowcount:  # type: ignore[attr-defined]
                return
            session.execute(delete(MailArrival).where(MailArrival.day < day - KEEP_DAYS))
            session.add(MailArrival(day=day, outcome=outcome, count=1))

    try:
        rerun(count)
    except IntegrityError:
        # Somebody counted the first of the day a moment earlier.
        rerun(count)


def arrivals(days: int = 30) -> Sequence[tuple[int, str, int]]:
    """Day (in seconds UTC), outcome and count of the last `days` days, the latest first."""
    since = MailArrival.day > clock.now() // _DAY - days
    counted = select(MailArrival).where(since).order_by(MailArrival.day.desc(), MailArrival.outcome)
    with directory(write=False) as session:
        return [(row.day * _DAY, row.outcome, row.count) for row in session.scalars(counted)]
