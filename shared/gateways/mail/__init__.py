"""Outgoing mail: one message to one address, by SMTP or into a maildir on this machine."""

from shared.gateways.mail.choosing import Mailer, mailer
from shared.gateways.mail.maildir import MaildirMailer, StoredMail
from shared.gateways.mail.message import Mail, MailError, Sender, compose
from shared.gateways.mail.smtp import SmtpMailer

__all__ = ["Mail", "MailError", "Mailer", "MaildirMailer", "Sender", "SmtpMailer", "StoredMail", "compose", "mailer"]
