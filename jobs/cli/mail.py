"""`python3 run.py mail`: what the site has mailed, while it keeps its mail in a maildir."""

import argparse
import os
import time

HELP = "show the mails that the site keeps until an SMTP server is set"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many; the newest one is shown in full."""
    parser.add_argument("--last", type=int, default=10, metavar="N", help="how many to list (10)")
    parser.add_argument("key", nargs="?", help="show this mail instead of the newest")


def run(options: argparse.Namespace) -> int:
    """List the newest mails and print one of them as text."""
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
    shown = box.message(options.key or mails[0].key)
    print(f"\nTo: {shown.to}\nSubject: {shown.subject}\n\n{shown.text}")
    return 0
