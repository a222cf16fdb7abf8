"""The listener for mail: a mail server on this machine hands over by LMTP (RFC 2033) what came for relay addresses.

Every recipient of a mail gets an answer of his own. A process of its own; it runs only where a setting names its
address.
"""

import asyncio
import functools
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from jobs import boot, inbound_mail
from jobs.inbound_mail import MOST_BYTES, UNKNOWN
from shared import sockets
from shared.config import Settings

# Mails that are worked on at once; each is in memory several times over.
_AT_ONCE = 2
# For each command with all that it takes: a mail to a hundred, behind others, takes its time (RFC 5321, 4.5.3.2.7).
_LONGEST_COMMAND_SECONDS = 300
_MOST_RECIPIENTS = 100
_REFUSED_AFTER_DATA = ("552 Error: Too much", "500 Line too long")


class Handler:
    """The answers of the listener."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workers = ThreadPoolExecutor(_AT_ONCE, "mail")

    async def handle_RCPT(
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only addresses that lead somewhere, so that a mail server that asks beforehand need not bounce later."""
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not await self._work(inbound_mail.leads_somewhere, address):
            return str(UNKNOWN)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:
        """One line for each recipient, when his copy is committed or refused."""
        content = envelope.content
        assert isinstance(content, bytes)
        answers = [
            await self._work(inbound_mail.deliver, self._settings, content, recipient, envelope.mail_from)
            for recipient in envelope.rcpt_tos
        ]
        return "\r\n".join(map(str, answers))

    async def handle_exception(self, error: Exception) -> str:
        """Whatever it is, the mail server keeps the mail."""
        logging.getLogger(__name__).error("a command failed", exc_info=error)
        return "451 4.3.0 Not now; try again"

    async def _work(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._workers, functools.partial(function, *arguments))


class Listener(LMTP):
    """LMTP as aiosmtpd speaks it, with longer lines and as many refusals as there are recipients."""

    # Exim passes on lines as long as they came.
    line_length_limit = 64 * 1024

    async def push(self, status: str | bytes) -> None:
        """Send a reply. aiosmtpd refuses a mail that is too large once, LMTP wants it for each recipient."""
        refused = isinstance(status, str) and status.startswith(_REFUSED_AFTER_DATA)
        for _ in range(len(self.envelope.rcpt_tos) if refused and self.envelope else 1):
            await super().push(status)


async def listen(settings: Settings, bind: str, stop: asyncio.Event) -> None:
    """Take mail at `bind` until `stop` is set."""
    loop, handler = asyncio.get_running_loop(), Handler(settings)

    def protocol() -> Listener:
        # Its own name is given, because asking the resolver for it can hang.
        named = {"hostname": "localhost", "ident": "LMTP"}
        limits = {"data_size_limit": MOST_BYTES, "timeout": _LONGEST_COMMAND_SECONDS}
        return Listener(handler, enable_SMTPUTF8=True, loop=loop, **named, **limits)

    if file := sockets.path(bind):
        server = await loop.create_unix_server(protocol, file)
        # As open as a port of this machine would be: the addresses themselves are the secret.
        Path(file).chmod(0o666)
    else:
        server = await loop.create_server(protocol, *sockets.parts(bind))
    async with server:
        await stop.wait()


async def _until_signal(settings: Settings, bind: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await listen(settings, bind, stop)


def main() -> None:
    """Listen until SIGTERM. What was not acknowledged by then is kept by the mail server."""
    settings = boot.boot()
    # At INFO it writes down every address.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    assert settings.lmtp_bind
    asyncio.run(_until_signal(settings, settings.lmtp_bind))


if __name__ == "__main__":
    main()
