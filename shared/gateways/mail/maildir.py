"""Messages kept on this machine, in a maildir."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from shared.errors import NotFound
from shared.gateways.mail.message import POLICY, Mail, Sender, compose

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredMail:
    """A message in the maildir, as its reader sees it; `received_at` in UTC seconds."""

    key: str
    to: str
    subject: str
    received_at: int
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class MaildirMailer:
    """Messages as files of a maildir that any mail program can read; the same message sent twice is there once."""

    root: Path
    sender: Sender

    def send(self, mail: Mail) -> None:
        message = compose(mail, self.sender)
        for folder in ("tmp", "new", "cur"):
            (self.root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._file(mail.key) is None:
            self._deliver(mail.key, message.as_bytes(policy=POLICY.clone(linesep="\n")))

    def messages(self, limit: int = 50) -> list[StoredMail]:
        """The latest messages, newest first."""
        newest = sorted(self._files(), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
        return [_stored(file) for file in newest[:limit]]

    def message(self, key: str) -> StoredMail:
        """One message, or `NotFound`."""
        file = self._file(key) if _KEY.fullmatch(key) else None
        if file is None:
            raise NotFound("There is no such message.")
        return _stored(file)

    def _deliver(self, key: str, data: bytes) -> None:
        unfinished = self.root / "tmp" / f"{key}.{secrets.token_hex(8)}"
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.root / "new" / key)

    def _files(self) -> Iterator[Path]:
        for folder in ("new", "cur"):
            yield from (file for file in self.root.glob(f"{folder}/*") if _KEY.fullmatch(_key_of(file)))

    def _file(self, key: str) -> Path | None:
        unread = self.root / "new" / key
        return unread if unread.exists() else next(self.root.glob(f"cur/{key}*"), None)


def _key_of(file: Path) -> str:
    """Without the flags that a mail program appends when a message is read."""
    return file.name.partition(":")[0]


def _stored(file: Path) -> StoredMail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return StoredMail(
        key=_key_of(file),
        to=str(message["To"]),
        # A long one may begin on a line of its own, whose space is none of it.
        subject=str(message["Subject"]).strip(),
        received_at=int(file.stat().st_mtime),
        text=_body(message, "plain") or "",
        html=_body(message, "html"),
        headers={name: str(value) for name, value in message.items()},
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")
