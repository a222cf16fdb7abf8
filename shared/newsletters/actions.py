"""Queueing a letter, and giving each reader his copy: begun before it is handed over, so that nobody has two."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, true, update
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.errors import Invalid
from shared.newsletters.models import Newsletter, NewsletterCopy
from shared.preferences import Kind, MailChoice
from shared.sharding import OwnerSession, directory, fan_out, on_shard, table_of, tally, total, unit_of_work
from shared.sharding.scatter import visible

LONGEST_SUBJECT, LONGEST_WORDS = 200, 20_000
_READERS = (MailChoice.kind == str(Kind.NEWS), MailChoice.wanted == true())
_WITHOUT = ~exists().where(NewsletterCopy.owner == MailChoice.owner, NewsletterCopy.letter == bindparam("letter"))
_WAITING = (
    select(MailChoice.owner)
    .where(*_READERS, MailChoice.owner > bindparam("after"), _WITHOUT)
    .order_by(MailChoice.owner)
    .limit(bindparam("limit"))
)
_COPIES = (
    select(NewsletterCopy.outcome, func.count())
    .where(NewsletterCopy.letter == bindparam("letter"))
    .group_by(NewsletterCopy.outcome)
)


def parse(text: str) -> Newsletter:
    """The letter that a text file holds: its subject in the first line, an empty line, then plain words.

    Raises Invalid. The same words are the same letter, whoever queues them and when.
    """
    lines = text.replace("\r\n", "\n").strip().split("\n")
    subject, words = lines[0].strip(), "\n".join(lines[2:]).strip()
    if not subject or len(lines) < 3 or lines[1].strip() or not words:
        raise Invalid({"": "Write the subject in the first line, leave the second empty, then write the letter"})
    if len(subject) > LONGEST_SUBJECT or len(words) > LONGEST_WORDS:
        raise Invalid({"": f"At most {LONGEST_SUBJECT} characters of subject and {LONGEST_WORDS:,} of letter"})
    letter = sha256(f"{subject}\n\n{words}".encode()).hexdigest()[:16]
    return Newsletter(letter=letter, subject=subject, words=words, queued_at=clock.now(), finished_at=None)


def queue(letter: Newsletter) -> bool:
    """Have the letter sent; False when the same one was queued before, which goes on where it stopped."""
    try:
        with directory() as session:
            session.add(letter)
        return True
    except IntegrityError:
        return False


def next_letter() -> Newsletter | None:
    """The letter that waits longest, or None."""
    with directory(write=False) as session:
        waiting = select(Newsletter).where(Newsletter.finished_at.is_(None)).order_by(Newsletter.queued_at).limit(1)
        return session.execute(waiting).scalar_one_or_none()


def finish(letter: str) -> None:
    """Everybody who wanted news when it came to him has had the letter; who asks for news later gets the next one."""
    with directory() as session:
        session.execute(update(Newsletter).where(Newsletter.letter == letter).values(finished_at=clock.now()))


def waiting(shard: str, letter: str, after: int, limit: int) -> Sequence[int]:
    """Owners of a shard above `after`, in order, who want news and have no copy of the letter, not even one begun."""
    with on_shard(shard) as session:
        hidden = visible(session, "user", table_of(MailChoice))
        statement = _WAITING if hidden is None else _WAITING.where(hidden)
        return session.scalars(statement, {"letter": letter, "after": after, "limit": limit}).all()


def readers() -> int:
    """How many want news."""
    statement = select(func.count()).select_from(MailChoice).where(*_READERS)
    return fan_out(statement, keyspace="user", merge=total)


def outcomes(letter: str) -> Counter[str]:
    """How many copies of a letter are begun, sent, refused and skipped."""
    return fan_out(_COPIES, {"letter": letter}, keyspace="user", merge=tally)


def begin(owner: int, letter: str) -> bool:
    """Note, durably, that the owner's copy is about to be handed over; False when that was noted before.

    Whoever dies after that leaves a reader without the letter, never one with two.
    """

    def work(session: OwnerSession) -> None:
        session.add(NewsletterCopy(owner=owner, letter=letter, outcome="begun", at=clock.now()))

    try:
        unit_of_work(owner, work)
    except IntegrityError:  # the primary key decides between two senders
        return False
    return True


def end(owner: int, letter: str, outcome: str) -> None:
    """Note what became of a copy that was begun: sent, refused (the mail server will never take it) or skipped."""

    def work(session: OwnerSession) -> None:
        copy = session.get_one(NewsletterCopy, (owner, letter))
        copy.outcome, copy.at = outcome, clock.now()

    unit_of_work(owner, work)


def give_back(owner: int, letter: str) -> None:
    """The mail server did not take the copy now: it is not begun any more, and comes up again."""
    unit_of_work(owner, lambda session: session.delete(session.get_one(NewsletterCopy, (owner, letter))))


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """What is noted about the session's owner, as JSON values, for "download my data"."""
    mine = select(NewsletterCopy).where(NewsletterCopy.owner == session.owner).order_by(NewsletterCopy.at)
    for copy in session.scalars(mine):
        yield {"kind": "newsletter", "letter": copy.letter, "outcome": copy.outcome, "at": copy.at}


def forget(session: OwnerSession) -> None:
    """Delete what is noted about the session's owner, who is forgotten."""
    session.execute(delete(NewsletterCopy).where(NewsletterCopy.owner == session.owner))
