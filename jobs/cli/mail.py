"""`python3 run.py mail`: what the site has mailed, while it keeps its mail in a maildir, and letters to those who want
news."""

import argparse
import os
import sys
import time
import traceback
from pathlib import Path

HELP = "show the mails kept here until an SMTP server is set; also news, receive, received"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many to list, which to show; or a letter to send."""
    parser.add_argument("--last", type=int, default=10, metavar="N", help="how many to list (10)")
    parser.add_argument("--show", metavar="KEY", help="show this mail in full instead of the newest")
    words = parser.add_subparsers(dest="word")
    news = words.add_parser("news", help="send a letter to everybody who asked for news")
    news.add_argument(
        "file", metavar="FILE", help="plain text: the subject, an empty line, the letter; - reads it here"
    )
    receive = words.add_parser("receive", help="take a mail from a mail server's pipe (docs/mail.md)")
    receive.add_argument("--recipient", action="append", default=[], help="to whom it was delivered (may be repeated)")
    receive.add_argument("--sender", help="the envelope's sender, empty for a mail about a mail")
    words.add_parser("received", help="what became of the mails that came in, for each of the last 30 days")
    how = news.add_mutually_exclusive_group(required=True)
    how.add_argument("--dry-run", action="store_true", help="show it, and to how many it would go")
    how.add_argument("--send", action="store_true", help="have it sent, and say how far it has come if it was before")


def run(options: argparse.Namespace) -> int:
    """List the newest mails and print one of them as text; or see to a letter."""
    if options.word == "news":
        from jobs import boot

        boot.boot()
        return _news(_text(options.file), send=options.send)
    if options.word == "receive":
        return _receive(options.recipient, options.sender)
    return _received() if options.word == "received" else _list(options)


def _receive(recipients: list[str], sender: str | None) -> int:
    """Exit statuses are those of sysexits.h, which mail servers go by: 75 has them try again."""
    from jobs import inbound_mail

    try:
        return inbound_mail.receive(sys.stdin.buffer, recipients, sender, os.environ)
    except Exception:
        # Nothing but 75 keeps the mail.
        traceback.print_exc()
        return inbound_mail.LATER.exit


def _received() -> int:
    from jobs import boot
    from shared import messaging

    boot.boot()
    for day, outcome, count in messaging.arrivals():
        print(f"{time.strftime('%Y-%m-%d', time.gmtime(day))}  {count:>6}  {outcome}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from shared.config import Settings, WrongSetting
    from shared.gateways.mail import MaildirMailer, mailer

    settings = Settings.from_environment(os.environ)
    box = mailer(settings.mail_url, settings.mail_from, settings.site_name)
    if not isinstance(box, MaildirMailer):
        raise WrongSetting("The setting STEVESLIST_MAIL_URL names an SMTP server, so no mail is kept here.")
    mails = box.messages(max(1, options.last))
    if not mails:
        print("No mail yet.")
        return 0
    for mail in mails:
        print(
            f"{mail.key}  {time.strftime('%Y-%m-%d %H:%M', time.gmtime(mail.received_at))}  {mail.to}  {mail.subject}"
        )
    shown = box.message(options.show or mails[0].key)
    print(f"\nTo: {shown.to}\nSubject: {shown.subject}\n\n{shown.text}")
    return 0


def _text(file: str) -> str:
    from shared.errors import NotFound

    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{file} cannot be read as text: {error}.") from None


def _news(text: str, *, send: bool) -> int:
    """Queue the letter for the timetable, or show it."""
    from jobs import mailing
    from shared import newsletters
    from shared.errors import Invalid

    try:
        letter = newsletters.parse(text)
    except Invalid as error:
        print(f"{error.fields['']}.", file=sys.stderr)
        return 1
    readers = newsletters.readers()
    if not send:
        context = {
            "title": letter.subject,
            "words": letter.words,
            "unsubscribe": mailing.link("/mail/..."),
            "choices": mailing.link("/mail/..."),
        }
        subject, shown, _ = mailing.render("newsletters/letter", **context)
        print(f"To {readers} who want news.\n\nSubject: {subject}\n\n{shown}")
        return 0
    if newsletters.queue(letter):
        print(f"{letter.subject!r} goes to {readers} who want news, {mailing.settings().news_per_hour} an hour.")
        return 0
    came = ", ".join(f"{count} {outcome}" for outcome, count in sorted(newsletters.outcomes(letter.letter).items()))
    print(f"This letter was sent before and goes to nobody twice: {came or 'none yet'}.")
    return 0
