"""The whole way from an event to the mail server of somebody else (aiosmtpd), and back when it refuses."""

import re
import socket
from pathlib import Path
from threading import Thread

import pytest

from jobs.doctor import Level, own_mail
from jobs.doctor.dependencies import mail as look_at_mail
from shared import accounts, clock, listings, preferences
from shared.events import parked
from shared.preferences import DAYS_TO_STOP, Kind, MailBounce
from shared.sharding import current, read, transaction
from tests.factories.accounts import confirmed, pending
from tests.factories.listings import published
from tests.factories.mail_server import MailServer, listening
from tests.factories.mails import mailing_by, run_consumers
from tests.factories.settings import settings
from tests.shared.gateways.smtp_peer import certificate

DAY = 86_400


@pytest.fixture(scope="module")
def pem(tmp_path_factory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(fleet, tmp_path, pem):
    with (
        listening(pem) as server,
        mailing_by(settings(tmp_path, mail_url=server.url(), mail_domain="in.market.example")),
    ):
        yield server


def about_to_end(owner: int) -> None:
    """Have the owner warned of a listing."""
    with clock.freeze(clock.now() - 58 * DAY):
        published(owner)
    for shard in current().names("user"):
        listings.warn_due(shard)


def bounces(owner: int) -> int:
    with read(owner) as session:
        row = session.get(MailBounce, owner)
    return row.days if row else 0


def dead() -> int:
    return sum(parked.count_parked(shard) for shard in current().names("user"))


def test_a_mail_arrives_encrypted_with_both_parts(server: MailServer):
    pending("new@example.org")
    run_consumers()
    (mail,) = server.mails()
    assert server.encrypted == [True]
    assert mail["To"] == "new@example.org"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_what_is_asked_for_cannot_be_unsubscribed_from(server: MailServer):
    pending("new@example.org")
    run_consumers()
    assert not [name for name in server.mails()[0] if name.startswith("List-")]


def test_what_one_can_do_without_is_stopped_with_one_click(server: MailServer):
    about_to_end(confirmed())
    run_consumers()
    (mail,) = server.mails()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/mail/") and link.endswith("/expiry")
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None and link in part.get_content()


def test_a_long_address_of_the_site_is_one_word_that_every_mail_program_reads(fleet, tmp_path, pem):
    site = f"https://{'market' * 10}.example"
    with listening(pem) as server, mailing_by(settings(tmp_path, mail_url=server.url(), public_url=site)):
        about_to_end(confirmed())
        run_consumers()
    (envelope,) = server.envelopes
    head = (envelope.original_content or b"").partition(b"\r\n\r\n")[0].decode().split("\r\n")
    (line,) = (line for line in head if line.startswith("List-Unsubscribe:"))
    assert re.fullmatch(rf"List-Unsubscribe: <{site}/mail/[0-9a-f]{{46}}/expiry>", line)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def test_who_wants_none_of_a_kind_gets_none(server: MailServer):
    owner = confirmed()
    with transaction(owner) as session:
        preferences.choose(session, Kind.EXPIRY, False)
    about_to_end(owner)
    run_consumers()
    assert server.mails() == []
    assert dead() == 0


def test_a_bounce_says_by_its_address_whose_mail_it_was(server: MailServer):
    owner = confirmed()
    about_to_end(owner)
    run_consumers()
    (envelope,) = server.envelopes
    assert envelope.mail_from is not None and envelope.mail_from.endswith("@in.market.example")
    assert preferences.bounced(settings(Path("/")).secret_key, envelope.mail_from)
    assert bounces(owner) == 1


def test_a_mailbox_that_is_refused_is_counted_and_bothers_no_operator(server: MailServer):
    server.refused["anna@example.org"] = "550 5.1.1 nobody of that name"
    owner = confirmed()
    about_to_end(owner)
    run_consumers()
    assert (bounces(owner), dead()) == (1, 0)


def test_a_mailbox_that_is_refused_on_several_days_gets_only_what_is_asked_for(server: MailServer):
    server.refused["anna@example.org"] = "550 5.1.1 nobody of that name"
    owner = confirmed()
    now = clock.now()
    for day in range(DAYS_TO_STOP):
        with clock.freeze(now + day * DAY):
            about_to_end(owner)
            run_consumers()
    server.refused.clear()
    with clock.freeze(now + DAYS_TO_STOP * DAY):
        about_to_end(owner)
        run_consumers()
        assert server.mails() == []
        accounts.ask_reset("anna@example.org")
        run_consumers()
    assert [mail["Subject"] for mail in server.mails()] == ["Set a new password for Steveslist"]


def test_a_refusal_that_is_about_us_is_the_operators_business(server: MailServer):
    server.refused["anna@example.org"] = "554 5.7.1 your network is on a list"
    owner = confirmed()
    about_to_end(owner)
    run_consumers()
    assert (bounces(owner), dead()) == (0, 1)


def test_the_address_that_somebody_moves_to_is_not_that_of_his_account_yet(server: MailServer):
    server.refused["new@example.org"] = "550 5.1.1 nobody of that name"
    owner = confirmed()
    accounts.ask_address_change(owner, "new@example.org", "wolf hall of mirrors")
    run_consumers()
    assert bounces(owner) == 0
    assert [mail["To"] for mail in server.mails()] == ["anna@example.org"]


def test_the_doctor_sends_a_mail_to_the_operator(server: MailServer, tmp_path):
    ours = settings(tmp_path, mail_url=server.url(), operators=("root@example.org",))
    (found,) = look_at_mail(ours)
    assert found.level is Level.OK
    assert server.mails() == [], "a look sends nothing"
    (found,) = own_mail(ours)
    assert (found.level, found.fact) == (Level.OK, "handed over for root@example.org")
    assert [mail["To"] for mail in server.mails()] == ["root@example.org"]


def test_the_doctor_says_that_nobody_is_there_to_mail(server: MailServer, tmp_path):
    (found,) = own_mail(settings(tmp_path, mail_url=server.url()))
    assert found.level is Level.WARN
    assert "STEVESLIST_OPERATORS" in found.advice


def test_the_doctor_names_the_step_that_failed(server: MailServer, tmp_path, pem):
    def said(url: str, **changes: object) -> str:
        (found,) = look_at_mail(settings(tmp_path, mail_url=url, **changes))
        assert found.level is Level.FAIL
        assert "sesame" not in found.fact + found.advice
        return found.fact

    assert "did not accept our user name and password (535" in said(server.url("wrong"))
    assert "certificate is not to be trusted" in said(server.url().partition("?")[0])
    assert "does not speak TLS" in said(server.url().replace("smtp:", "smtps:"))
    server.refused["noreply@example.org"] = "553 5.7.1 not yours"
    assert "refused our sender's address (553 5.7.1)" in said(server.url())
    server.refused = {"bounce@in.market.example": "553 5.7.1 not yours"}
    assert "refused our sender's address" in said(server.url(), mail_domain="in.market.example")
    with listening(pem, tls=False) as plain:
        assert "no encryption" in said(plain.url())
    assert "No mail server listens on this port" in said(plain.url())
    assert "leads to no address" in said(plain.url().replace("127.0.0.1", "mail.invalid"))


@pytest.mark.parametrize(
    ("greeting", "fact", "advice"),
    [
        (b"", "did not answer in time", "465 is for smtps://"),
        (b"554 5.7.1 not you\r\n", "does not want to talk to us (554)", "STEVESLIST_MAIL_FROM"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "is no mail server", "host and port"),
    ],
)
def test_the_doctor_knows_what_is_no_mail_server_for_us(tmp_path, monkeypatch, greeting, fact, advice):
    monkeypatch.setattr("jobs.doctor.dependencies._MAIL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = Thread(target=greet, args=(listener, greeting))
        greeter.start()
        (found,) = look_at_mail(settings(tmp_path, mail_url=f"smtp://127.0.0.1:{listener.getsockname()[1]}"))
        greeter.join()
    assert (found.level, fact in found.fact, advice in found.advice) == (Level.FAIL, True, True), found


def greet(listener: socket.socket, greeting: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(greeting)
        connection.recv(1)  # until the doctor has had enough


def test_the_doctor_says_when_the_mailbox_is_refused(server: MailServer, tmp_path):
    server.refused["root@example.org"] = "550 5.1.1 nobody of that name"
    (found,) = own_mail(settings(tmp_path, mail_url=server.url(), operators=("root@example.org",)))
    assert (found.level, "refused the recipient's address (550 5.1.1)" in found.fact) == (Level.FAIL, True)
