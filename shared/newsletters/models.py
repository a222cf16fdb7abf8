"""Letters to everybody who asked for news: the letters in the directory, who has had which on his home shard."""

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import DirectoryBase, ShardBase


class Newsletter(DirectoryBase):
    """A letter that is being sent, or was. `letter` stands for its words: the same words are the same letter."""

    __tablename__ = "newsletter"
    letter: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)


class NewsletterCopy(ShardBase):
    """What became of a letter for `owner`: begun (being sent, or its sender died in the middle), sent, refused."""

    __tablename__ = "newsletter_copy"
    __table_args__ = (Index(None, "letter", "outcome"),)
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    letter: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    at: Mapped[int] = mapped_column(BigInteger)
