"""Sending the letters of the operators, so many at a time, each to each reader at most once."""

from collections import Counter

from jobs import mailing
from shared import accounts, newsletters, sharding
from shared.newsletters import Newsletter
from shared.preferences import Kind
from shared.sharding import read

RUNS_PER_HOUR = 12
_AT_ONCE = 100


def send_news() -> str:
    """Send the letter that waits longest to as many readers as the setting allows for a run. For the timetable."""
    letter = newsletters.next_letter()
    if letter is None:
        return "no letter waits"
    done: Counter[str] = Counter()
    try:
        over = _send(letter, mailing.settings().news_per_hour // RUNS_PER_HOUR, done)
    except mailing.MailError as error:
        return f"{_told(letter, done)}; stopped: {error.message}"
    if over:
        newsletters.finish(letter.letter)
    return f"{_told(letter, done)}; {'everybody has it' if over else 'more to come'}"


def _send(letter: Newsletter, most: int, done: Counter[str]) -> bool:
    """Up to `most` copies, noted in `done`; whether nobody waits for one any more."""
    for shard in sharding.current().names("user"):
        after = -1
        while owners := newsletters.waiting(shard, letter.letter, after, min(_AT_ONCE, most - done.total())):
            for owner in owners:
                done[_give(owner, letter)] += 1
            after = owners[-1]
    return done.total() < most


def _give(owner: int, letter: Newsletter) -> str:
    """Give one reader his copy and return what became of it. A MailError that will pass leaves no trace."""
    if not newsletters.begin(owner, letter.letter):
        return "begun elsewhere"
    try:
        outcome = "sent" if _mail(owner, letter) else "skipped"
    except mailing.MailError as error:
        if not error.permanent:
            newsletters.give_back(owner, letter.letter)
            raise
        outcome = "refused"
    newsletters.end(owner, letter.letter, outcome)
    return outcome


def _mail(owner: int, letter: Newsletter) -> bool:
    with read(owner) as session:
        contact = accounts.contact(session)
    return contact is not None and mailing.send(
        contact.email,
        "newsletters/letter",
        key=f"newsletter-{letter.letter}-{owner}",
        kind=Kind.NEWS,
        owner=owner,
        title=letter.subject,
        words=letter.words,
    )


def _told(letter: Newsletter, done: Counter[str]) -> str:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items())) or "none"
    return f"{letter.subject!r}: {counts}"
