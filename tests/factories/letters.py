"""Mails for tests, as bytes."""

from collections.abc import Mapping

HEADERS = {
    "From": "Anna Real <anna.real@mail.example>",
    "To": "r5a1@market.example",
    "Subject": "Re: Konrad wrote to you",
    "Date": "Fri, 20 Nov 2026 11:12:13 +0100",
    "Message-ID": "<1@mail.example>",
}


def letter(text: str = "Yes, it is still here.\n", headers: Mapping[str, str | None] | None = None) -> bytes:
    """A plain mail; `headers` by name in place of the usual ones or beside them, None for without."""
    given = {**HEADERS, "Content-Type": "text/plain; charset=utf-8", **(headers or {})}
    lines = [f"{name}: {value}\r\n" for name, value in given.items() if value is not None]
    return ("".join(lines) + "\r\n" + text.replace("\n", "\r\n")).encode()


def multipart(*parts: str, kind: str = "mixed", headers: Mapping[str, str | None] | None = None) -> bytes:
    """A mail of these parts, each with headers of its own, an empty line and its text."""
    body = "".join(f"--limit\n{part}\n" for part in parts) + "--limit--\n"
    return letter(body, {"Content-Type": f'multipart/{kind}; boundary="limit"', **(headers or {})})


def bounce(status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery status notification (RFC 3464)."""
    return multipart(
        "Content-Type: text/plain\n\nYour mail could not be delivered.\n",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.mail.example\n\n"
        f"Final-Recipient: rfc822; anna.real@mail.example\nAction: {action}\nStatus: {status}\n",
        "Content-Type: message/rfc822\n\nSubject: Konrad wrote to you\n\nIs the kettle still there?\n",
        kind="report; report-type=delivery-status",
        headers={"From": "MAILER-DAEMON@mx.mail.example", "Return-Path": "<>"},
    )
