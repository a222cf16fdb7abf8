"""Mail as it arrives: at a real SMTP peer and in a maildir."""

import email
import mailbox
import stat
import time
import traceback
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.errors import MarketError, NotFound
from shared.gateways.mail import Mail, MaildirMailer, MailError, Sender, SmtpMailer, compose, mailer
from tests.shared.gateways.smtp_peer import Peer, certificate, listening

FROM = "noreply@market.example"
SECRET = "s3cr3t-t0ken"
TO = "anna@example.org"


def a_mail(**changes: object) -> Mail:
    fields: dict[str, object] = {
        "to": TO,
        "subject": "Bestätige deine Adresse",
        "text": f"Grüß Gott!\n.\nhttps://market.example/confirm/{SECRET}\n",
        "html": f"<p>Grüß Gott! <a href='https://market.example/confirm/{SECRET}'>Ja</a></p>",
        "message_id": "event 42",
    }
    return Mail(**(fields | changes))  # type: ignore[arg-type]


def parsed(data: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(data, policy=policy.default))


def plain_mailer(peer: Peer) -> SmtpMailer:
    made = mailer(f"smtp://127.0.0.1:{peer.port}?tls=none", FROM, "Märktl")
    assert isinstance(made, SmtpMailer)
    return made


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


def test_a_message_arrives_whole() -> None:
    with listening(Peer()) as peer, clock.freeze(1_800_000_000):
        plain_mailer(peer).send(
            a_mail(headers={"Reply-To": "reply+7@market.example", "List-Unsubscribe": "<https://x>"})
        )
    message = parsed(peer.received[0])
    assert peer.envelopes[0][0].upper().startswith(f"MAIL FROM:<{FROM.upper()}>")
    assert peer.envelopes[0][1].upper() == f"RCPT TO:<{TO.upper()}>"
    assert message["From"].addresses[0].display_name == "Märktl"
    assert message["From"].addresses[0].addr_spec == FROM
    assert (message["To"], message["Subject"]) == (TO, "Bestätige deine Adresse")
    assert message["Date"].datetime.timestamp() == 1_800_000_000
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "reply+7@market.example"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == a_mail().text  # type: ignore[union-attr]
    assert "Grüß Gott!" in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert max(peer.received[0]) < 128, "not every relay speaks 8BITMIME"


def test_a_message_without_html_is_plain_text() -> None:
    message = compose(a_mail(html=None), Sender(FROM, "Market"))
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"


def test_a_retry_carries_the_same_message_id_and_another_message_does_not() -> None:
    with listening(Peer(replies={".": "451 4.3.0 try later"})) as peer, pytest.raises(MailError):
        plain_mailer(peer).send(a_mail())
    with listening(Peer()) as peer:
        for mail in (a_mail(), a_mail(), a_mail(message_id="event 43")):
            plain_mailer(peer).send(mail)
    first, again, other = (parsed(data)["Message-ID"] for data in peer.received)
    assert first == again != other
    assert first.endswith("@market.example>")
    assert "event" not in first


@pytest.mark.parametrize(
    ("replies", "permanent", "what"),
    [
        ({"RCPT": "550 5.1.1 no such user anna@example.org"}, True, "the recipient's address (550 5.1.1)"),
        ({"RCPT": "450 4.2.1 mailbox busy anna@example.org"}, False, "the recipient's address (450 4.2.1)"),
        ({"MAIL": "553 5.7.1 who are you"}, True, "our sender's address (553 5.7.1)"),
        ({"DATA": "554 no"}, True, "the message (554)"),
        ({".": "452 4.2.2 anna@example.org is full"}, False, "the message (452 4.2.2)"),
        ({".": "552 5.3.4 too big"}, True, "the message (552 5.3.4)"),
    ],
)
def test_a_refusal_says_whether_a_retry_can_help_and_nothing_private(
    replies: dict[str, str], permanent: bool, what: str
) -> None:
    with listening(Peer(replies=replies)) as peer, pytest.raises(MailError) as refusal:
        plain_mailer(peer).send(a_mail())
    assert refusal.value.permanent is permanent
    assert refusal.value.message == f"The mail server refused {what}."
    shown = "".join(traceback.format_exception(refusal.value))
    assert TO not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, "mailbox"),
        ({"RCPT": "552 5.2.2 full for ever"}, "mailbox"),
        ({"RCPT": "550 no such user"}, "mailbox"),
        ({"RCPT": "550 5.7.1 your network is on a list"}, "mail_refused"),
        ({"RCPT": "450 4.2.1 busy"}, "mail_refused"),
        ({"MAIL": "550 5.1.8 no such sender"}, "mail_refused"),
        ({".": "550 5.1.1 no"}, "mail_refused"),
    ],
)
def test_only_a_refusal_of_the_mailbox_itself_is_its_fault(replies: dict[str, str], code: str) -> None:
    with listening(Peer(replies=replies)) as peer, pytest.raises(MailError) as refusal:
        plain_mailer(peer).send(a_mail())
    assert refusal.value.code == code


def test_bounces_go_where_the_return_path_says() -> None:
    with listening(Peer()) as peer:
        plain_mailer(peer).send(a_mail(return_path="bounce-7@in.market.example"))
    assert peer.envelopes[0][0].upper().startswith("MAIL FROM:<BOUNCE-7@IN.MARKET.EXAMPLE>")
    assert parsed(peer.received[0])["From"].addresses[0].addr_spec == FROM


@pytest.mark.parametrize("path", ["a@b\r\nRCPT TO:<eve@example.org>", "", "nobody", "<>"])
def test_a_return_path_is_one_address(path: str) -> None:
    with pytest.raises(MailError):
        compose(a_mail(return_path=path), Sender(FROM, "Market"))


@pytest.mark.parametrize("moment", ["EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_dropped_connection_is_worth_another_attempt(moment: str) -> None:
    with listening(Peer(hang_up_at=moment, replies={"HELO": "421 bye"})) as peer, pytest.raises(MailError) as refusal:
        plain_mailer(peer).send(a_mail())
    assert not refusal.value.permanent
    assert peer.received == []


@pytest.mark.parametrize("ending", [{"hang_up_at": "QUIT"}, {"replies": {"QUIT": "500 what"}}])
def test_a_message_that_was_taken_counts_as_sent_whatever_follows(ending: dict[str, object]) -> None:
    with listening(Peer(**ending)) as peer:  # type: ignore[arg-type]
        plain_mailer(peer).send(a_mail())
    assert len(peer.received) == 1


def test_no_server_and_a_silent_server_are_worth_another_attempt() -> None:
    with listening(Peer()) as gone:
        pass
    with pytest.raises(MailError) as refusal:
        plain_mailer(gone).send(a_mail())
    assert not refusal.value.permanent
    with listening(Peer(silent=True)) as peer, pytest.raises(MailError) as refusal:
        SmtpMailer("127.0.0.1", peer.port, Sender(FROM, "Market"), tls="none", timeout=0.2).send(a_mail())
    assert not refusal.value.permanent


@pytest.mark.parametrize(("scheme", "tls"), [("smtp", "starttls"), ("smtps", "implicit")])
def test_a_password_goes_over_tls_only_and_is_accepted(scheme: str, tls: str, pem: Path) -> None:
    with listening(Peer(pem, tls, user=("robot", "p@ss/word"))) as peer:
        mailer(f"{scheme}://robot:p%40ss%2Fword@127.0.0.1:{peer.port}?ca={pem}", FROM).send(a_mail())
    assert peer.logins == [("robot", "p@ss/word")]
    assert peer.encrypted == [True]


def test_a_wrong_password_waits_for_the_operator(pem: Path) -> None:
    wrong = "".join(("wr", "0ng"))
    with listening(Peer(pem, "starttls", user=("robot", "right"))) as peer, pytest.raises(MailError) as refusal:
        mailer(f"smtp://robot:{wrong}@127.0.0.1:{peer.port}?ca={pem}", FROM).send(a_mail())
    assert not refusal.value.permanent
    assert wrong not in "".join(traceback.format_exception(refusal.value))
    assert peer.received == []


def test_a_server_that_hides_starttls_gets_neither_password_nor_message() -> None:
    with listening(Peer(user=("robot", "right"))) as peer, pytest.raises(MailError) as refusal:
        mailer(f"smtp://robot:right@127.0.0.1:{peer.port}", FROM).send(a_mail())
    assert not refusal.value.permanent
    assert (peer.logins, peer.received) == ([], [])


def test_a_certificate_of_an_unknown_authority_gets_nothing(pem: Path) -> None:
    with listening(Peer(pem, "starttls", user=("robot", "right"))) as peer, pytest.raises(MailError):
        mailer(f"smtp://robot:right@127.0.0.1:{peer.port}", FROM).send(a_mail())
    assert (peer.logins, peer.received) == ([], [])


BREAKS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"]


@pytest.mark.parametrize("character", BREAKS)
def test_no_header_can_be_smuggled_in(character: str) -> None:
    sneaky = f"Hello{character}Bcc: everyone@example.org"
    attempts = [
        {"subject": sneaky},
        {"to": f"{TO}{character}"},
        {"to": f"{TO}{character}Bcc: other@example.org"},
        {"headers": {"Reply-To": sneaky}},
        {"headers": {f"X-A{character}Bcc": "x"}},
    ]
    for attempt in attempts:
        with pytest.raises(MailError) as refusal:
            compose(a_mail(**attempt), Sender(FROM, "Market"))
        assert refusal.value.permanent
    with pytest.raises(MailError):
        Sender(FROM, sneaky)


@pytest.mark.parametrize("name", ["Bcc", "To", "From", "Subject", "Content-Type", "Sender", "", "X A", "Reply-To:"])
def test_headers_that_decide_delivery_cannot_be_set(name: str) -> None:
    with pytest.raises(MailError):
        compose(a_mail(headers={name: "x@example.org"}), Sender(FROM, "Market"))


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@example.org", "anna@", "a b@example.org", "a@b@example.org", "anna@example.org, eve@example.org"]
    + ["<anna@example.org>", "Anna <anna@example.org>", "anna@exa_mple.org", "anna@-example.org", "änna@example.org"]
    + [
        ".anna@example.org",
        "an..na@example.org",
        '"a"@example.org',
        "a" * 65 + "@example.org",
        "a@" + "b." * 130 + "c",
    ],
)
def test_a_string_that_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(MailError) as refusal:
        compose(a_mail(to=address), Sender(FROM, "Market"))
    assert refusal.value.permanent
    assert not address or address not in refusal.value.message


@given(subject=st.text(), text=st.text(), name=st.text(min_size=1, max_size=40))
def test_whatever_is_written_is_sent_faithfully_or_refused(subject: str, text: str, name: str) -> None:
    try:
        data = compose(a_mail(subject=subject, text=text, html=None), Sender(FROM, name)).as_bytes()
    except MailError:
        return
    message = parsed(data)
    assert set(message.keys()) >= {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
    assert message["Bcc"] is None
    assert message["To"] == TO
    assert [address.addr_spec for address in message["From"].addresses] == [FROM]


@pytest.fixture
def maildir(tmp_path: Path) -> MaildirMailer:
    made = mailer(f"maildir:{tmp_path}/mail", FROM, "Market")
    assert isinstance(made, MaildirMailer)
    return made


def test_a_maildir_gives_back_what_was_sent(maildir: MaildirMailer) -> None:
    maildir.send(a_mail())
    [stored] = maildir.messages()
    assert (stored.to, stored.subject, stored.text, stored.html) == (
        TO,
        "Bestätige deine Adresse",
        a_mail().text,
        f"{a_mail().html}\n",
    )
    assert maildir.message(stored.key) == stored


def test_a_subject_that_goes_out_on_a_line_of_its_own_is_read_without_its_space(maildir: MaildirMailer) -> None:
    subject = "Ends on 24 November 2026: Ground-floor flat with garden in the old town"
    maildir.send(a_mail(subject=subject))
    assert [stored.subject for stored in maildir.messages()] == [subject]


def test_other_mail_programs_can_read_the_maildir(maildir: MaildirMailer) -> None:
    maildir.send(a_mail())
    reader = mailbox.Maildir(maildir.root, create=False)
    [(key, message)] = reader.items()
    assert message["To"] == TO
    message.set_subdir("cur")
    message.set_flags("S")
    reader[key] = message
    assert [stored.to for stored in maildir.messages()] == [TO]
    assert maildir.message(maildir.messages()[0].key).to == TO
    maildir.send(a_mail())
    assert len(maildir.messages()) == 1


def test_the_same_message_sent_twice_is_there_once_and_the_newest_comes_first(maildir: MaildirMailer) -> None:
    for number in (1, 2, 2, 3):
        maildir.send(a_mail(subject=f"Number {number}", message_id=f"event {number}"))
        time.sleep(0.002)
    assert [stored.subject for stored in maildir.messages()] == ["Number 3", "Number 2", "Number 1"]
    assert [stored.subject for stored in maildir.messages(limit=1)] == ["Number 3"]


def test_mail_is_private_to_its_owner_and_nothing_unfinished_stays(maildir: MaildirMailer) -> None:
    maildir.send(a_mail())
    assert list((maildir.root / "tmp").iterdir()) == []
    [file] = (maildir.root / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((maildir.root / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize("key", ["", "..", "../new/x", "0" * 32, "*", "a" * 31 + "*"])
def test_only_keys_of_messages_open_messages(maildir: MaildirMailer, key: str) -> None:
    maildir.send(a_mail())
    with pytest.raises(NotFound):
        maildir.message(key)
    assert maildir.messages(0) == []


@pytest.mark.parametrize(
    "url",
    ["", "mail", "maildir:", "http://robot:hunter2@host", "smtp:", "smtp://", "smtp://robot:hunter2@host?tls=none"]
    + ["smtp://robot:hunter2@host:99999", "smtp://robot:hunter2@host:port"],
)
def test_a_wrong_setting_gets_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(MarketError) as refusal:
        mailer(url, FROM)
    assert refusal.value.message.startswith("STEVESLIST_MAIL_URL ")
    assert "hunter2" not in refusal.value.message


def test_neither_password_nor_text_shows_when_printed() -> None:
    assert "hunter2" not in repr(mailer("smtp://robot:hunter2@host", FROM))
    assert SECRET not in repr(a_mail())
