"""Mail that comes in: into the thread of its relay address, to the count of what came back, or nowhere.

Two doors lead here, a pipe (`mail receive`) and a listener (`jobs.lmtp`). Both have the mail server told that a mail is
taken only when it is committed. The same mail again (its Message-ID) writes nothing and is taken again.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from jobs import boot
from shared import incoming, messaging, preferences
from shared.config import Settings
from shared.errors import Invalid, Throttled
from shared.incoming import Kind, Letter, Malformed

log = logging.getLogger(__name__)
# A few photos, which are left out, should not keep the words from coming.
MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server is told: a reply of SMTP with its status (RFC 3463), and for a pipe the exit status that
    means the same (sysexits.h). `outcome` is what is counted."""

    outcome: str
    code: int
    status: str
    words: str
    exit: int

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.words}"


TAKEN = Answer("taken", 250, "2.0.0", "Taken", 0)
UNKNOWN = Answer("unknown", 550, "5.1.1", "This address leads nowhere (any more)", 67)
NOT_TAKEN = Answer("not taken", 550, "5.7.1", "This person takes no messages from you", 77)
EMPTY = Answer(
    "empty", 554, "5.6.0", "There is no text of your own in this mail, and attachments are not passed on", 65
)
TOO_LONG = Answer("too long", 552, "5.3.4", f"A message has at most {messaging.BODY_LONGEST:,} characters", 65)
TOO_LARGE = Answer("too large", 552, "5.3.4", f"A mail has at most {MOST_BYTES:,} bytes, with its attachments", 65)
MALFORMED = Answer("malformed", 554, "5.6.0", "This mail cannot be read", 65)
LATER = Answer("later", 451, "4.3.0", "Not now; try again", 75)
TOO_MANY = Answer("too many", 451, "4.7.1", "Too many messages from you; try again later", 75)


def deliver(settings: Settings, raw: bytes, recipient: str, sender: str | None = None) -> Answer:
    """Deliver one mail to one address; never raises. `sender` is the envelope's, None when that is not known.

    Who wrote it is known by the address it came to, which leads to one side of one thread, and by nothing else.
    """
    try:
        answer = _deliver(settings, raw, recipient, sender)
        messaging.note_arrival(answer.outcome)
    except Exception as error:
        # Whatever it is, the mail is safe where it is, and will come again.
        log.exception("a mail has to wait", exc_info=error)
        return LATER
    return answer


def receive(mail: BinaryIO, recipients: Sequence[str], sender: str | None, environ: Mapping[str, str]) -> int:
    """Take the mail that a mail server writes into a pipe; the exit status says what became of it.

    Whom it is for is said by the command, else by the environment of a pipe of Postfix or Exim, else by its headers.
    """
    settings = boot.boot()
    raw = mail.read(MOST_BYTES + 1)
    told = environ.get("ORIGINAL_RECIPIENT") or environ.get("RECIPIENT")
    named = recipients or ([told] if told else [])
    sender = environ.get("SENDER") if sender is None else sender
    answers = [deliver(settings, raw, each, sender) for each in named]
    answer = gravest(answers) if answers else deliver_to_first(settings, raw, sender)
    if answer.exit:
        # Postfix reads the status from here, and shows the words to the sender.
        print(f"{answer.status} {answer.words}")
    return answer.exit


def deliver_to_first(settings: Settings, raw: bytes, sender: str | None) -> Answer:
    """Deliver a mail that came without an envelope to the first address of its headers that leads somewhere."""
    try:
        named = incoming.read(raw, sender).recipients
    except Malformed:
        return deliver(settings, raw, "", sender)
    ours = (address for address in named if address.lower().endswith(f"@{settings.mail_domain}"))
    answers = (deliver(settings, raw, address, sender) for address in ours)
    return next((answer for answer in answers if answer is not UNKNOWN), UNKNOWN)


def gravest(answers: Iterable[Answer]) -> Answer:
    """The one answer for a mail to several: to come again if that helps any of them, else taken if it was by any."""
    return min(answers, key=lambda answer: (answer.code // 100 != 4, answer.code))


def leads_somewhere(recipient: str) -> bool:
    """Whether mail to this address may be taken: it is a relay address in use, or one that mail comes back to.

    Raises whatever keeps it from being known now.
    """
    if preferences.is_return_path(recipient):
        return True
    try:
        messaging.check_relay(_local_part(recipient))
    except messaging.RelayClosed:
        return False
    return True


def _deliver(settings: Settings, raw: bytes, recipient: str, sender: str | None) -> Answer:
    if len(raw) > MOST_BYTES:
        return TOO_LARGE
    try:
        letter = incoming.read(raw, sender)
    except Malformed:
        return MALFORMED
    if letter.kind is Kind.PERSON:
        return _write(letter, _local_part(recipient))
    if letter.kind is Kind.BOUNCE and preferences.bounced(settings.secret_key, recipient, permanent=letter.failed):
        return _dropped("came back")
    return _dropped(letter.kind)


def _dropped(outcome: str) -> Answer:
    """Taken and thrown away: an answer to a program would only be answered by it."""
    return Answer(outcome, TAKEN.code, TAKEN.status, TAKEN.words, TAKEN.exit)


def _write(letter: Letter, token: str) -> Answer:
    text = _with_note(letter) if letter.text else ""
    if len(text) > messaging.BODY_LONGEST:
        return TOO_LONG
    try:
        messaging.reply_by_mail(token, text, letter.key)
    except messaging.RelayClosed:
        return UNKNOWN
    except messaging.NotTaken:
        return NOT_TAKEN
    except Invalid:
        return EMPTY
    except Throttled:
        return TOO_MANY
    return TAKEN


def _with_note(letter: Letter) -> str:
    if not letter.left_out:
        return letter.text
    what = "An attachment was" if letter.left_out == 1 else f"{letter.left_out} attachments were"
    return f"{letter.text}\n\n({what} left out.)"


def _local_part(address: str) -> str:
    return address.strip().strip("<>").rpartition("@")[0]
