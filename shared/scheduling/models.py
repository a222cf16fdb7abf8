"""The ledger of scheduled jobs, in the directory."""

from sqlalchemy import BigInteger, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import DirectoryBase


class ScheduledRun(DirectoryBase):
    """One row for each slot of each schedule: the primary key makes a doubled run impossible.

    `status`: due (not finished yet, whatever the queue thinks), done, failed (gave up), skipped (too old to be of use).
    """

    __tablename__ = "run"
    __table_args__ = (Index(None, "status", "touched_at"), Index(None, "slot", "schedule"))
    schedule: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(8))
    touched_at: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    output: Mapped[str | None] = mapped_column(String(2000))
