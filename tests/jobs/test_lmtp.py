"""The listener as the process it is, and a mail server's side of LMTP (smtplib)."""

import contextlib
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.inbound_mail import MOST_BYTES
from shared import messaging, sockets
from shared.config import ROOT
from shared.sharding import transaction
from tests.factories.letters import letter
from tests.factories.messages import Pair, carry_all, texts
from tests.factories.relays import DOMAIN, moving, receiving, relay, talking
from tests.journeys.site import eventually

# Of the installation that the process is.
SECRET = b"s" * 40


@pytest.fixture
def talk(fleet, tmp_path) -> Iterator[Pair]:
    with receiving(tmp_path, secret_key=SECRET):
        yield talking()


@pytest.fixture
def listening(environment: dict[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sl-lmtp-") as home:
        bind = f"unix:{home}/lmtp.sock"
        with listener(environment, bind):
            yield bind


@contextlib.contextmanager
def listener(environment: dict[str, str], bind: str) -> "Iterator[subprocess.Popen[bytes]]":
    environ = environment | {"STEVESLIST_MAIL_DOMAIN": DOMAIN, "STEVESLIST_LMTP_BIND": bind}
    process = subprocess.Popen([sys.executable, "-m", "jobs.lmtp"], cwd=ROOT, env=environ)
    try:
        eventually(lambda: _accepts(bind) or None, "listener", 90)
        yield process
    finally:
        process.kill()
        process.wait()


def _accepts(bind: str) -> bool:
    try:
        sockets.connect(bind, 1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def client(bind: str) -> Iterator[smtplib.LMTP]:
    with contextlib.closing(smtplib.LMTP(local_hostname="mx.market.example")) as lmtp:
        lmtp.timeout = 60
        lmtp.sock = sockets.connect(bind, 60)
        assert lmtp.getreply()[0] == 220
        assert lmtp.ehlo()[0] == 250
        yield lmtp


def hand_over(lmtp: smtplib.LMTP, raw: bytes, *recipients: str, sender: str = "anna@mail.example") -> list[Any]:
    """The answers to each RCPT, and after the data those for each that was accepted."""
    assert lmtp.mail(sender)[0] == 250
    asked = [lmtp.rcpt(recipient)[0] for recipient in recipients]
    accepted = asked.count(250)
    if not accepted:
        lmtp.rset()
        return asked
    first = lmtp.data(raw)[0]
    return [*asked, "data", first, *(lmtp.getreply()[0] for _ in range(accepted - 1))]


def test_a_mail_handed_over_is_in_both_copies_of_the_thread(talk: Pair, listening: str) -> None:
    with client(listening) as lmtp:
        assert hand_over(lmtp, letter("Yes, it is.\n"), relay(talk, talk.seller)) == [250, "data", 250]
    carry_all()
    assert texts(talk, talk.buyer) == texts(talk, talk.seller) == ["Is it still there?", "Yes, it is."]


def test_every_recipient_gets_an_answer_of_his_own(talk: Pair, listening: str) -> None:
    seller, buyer = relay(talk, talk.seller), relay(talk, talk.buyer)
    with transaction(talk.seller) as session:
        messaging.block(session, talk.buyer, "Bo")
    with client(listening) as lmtp:
        # Bo is blocked, which also took Ada's address away: she asked for no answers.
        assert hand_over(lmtp, letter(), f"nobody@{DOMAIN}", seller, buyer) == [550, 550, 250, "data", 550]
        assert hand_over(lmtp, letter(), f"nobody@{DOMAIN}") == [550]


def test_while_an_account_moves_to_another_shard_its_mail_is_to_come_again(talk: Pair, listening: str) -> None:
    address = relay(talk, talk.seller)
    with client(listening) as lmtp:
        with moving(talk.seller):
            assert hand_over(lmtp, letter(), address) == [451]
        assert hand_over(lmtp, letter(), address) == [250, "data", 250]


def test_a_mail_to_both_sides_is_two_messages(talk: Pair, listening: str) -> None:
    with client(listening) as lmtp:
        said = hand_over(lmtp, letter("Hello.\n"), relay(talk, talk.seller), relay(talk, talk.buyer))
        assert said == [250, 250, "data", 250, 250]
        assert lmtp.noop()[0] == 250
    carry_all()
    assert sorted(texts(talk, talk.buyer)) == ["Hello.", "Hello.", "Is it still there?"]


def test_what_is_too_large_is_refused_for_each_recipient_and_the_connection_goes_on(talk: Pair, listening: str) -> None:
    seller, buyer = relay(talk, talk.seller), relay(talk, talk.buyer)
    with client(listening) as lmtp:
        assert lmtp.mail("a@mail.example", [f"size={MOST_BYTES + 1}"])[0] == 552
        line = b"x" * 900 + b"\r\n"
        large = letter() + line * (MOST_BYTES // len(line) + 1)
        assert hand_over(lmtp, large, seller, buyer) == [250, 250, "data", 552, 552]
        assert hand_over(lmtp, letter("Yes.\n"), seller) == [250, "data", 250]


def test_lines_may_be_longer_than_in_smtp_and_bytes_of_any_kind(talk: Pair, listening: str) -> None:
    body = "ü" * 1900 + "\n"
    with client(listening) as lmtp:
        assert hand_over(lmtp, letter(body), relay(talk, talk.seller)) == [250, "data", 250]
    assert texts(talk, talk.seller)[-1] == "ü" * 1900


def test_a_mail_from_nobody_is_taken_and_dropped(talk: Pair, listening: str) -> None:
    with client(listening) as lmtp:
        assert hand_over(lmtp, letter(), relay(talk, talk.seller), sender="<>") == [250, "data", 250]
    assert texts(talk, talk.seller) == ["Is it still there?"]


def test_smtp_is_not_spoken_here(listening: str) -> None:
    with contextlib.closing(sockets.connect(listening, 60)) as connection, connection.makefile("rwb") as wire:
        assert wire.readline().startswith(b"220")
        wire.write(b"EHLO x\r\n")
        wire.flush()
        assert wire.readline().startswith(b"500")


def test_a_connection_that_breaks_off_leaves_nothing(talk: Pair, listening: str) -> None:
    with client(listening) as lmtp:
        lmtp.mail("a@mail.example")
        lmtp.rcpt(relay(talk, talk.seller))
        lmtp.docmd("DATA")
        lmtp.send(letter()[:40])
    with client(listening) as lmtp:
        assert hand_over(lmtp, letter("Whole.\n"), relay(talk, talk.seller)) == [250, "data", 250]
    assert texts(talk, talk.seller) == ["Is it still there?", "Whole."]


def test_a_killed_listener_starts_again_on_its_socket_and_a_mail_again_is_one_message(
    talk: Pair, environment: dict[str, str], tmp_path: Path
) -> None:
    with tempfile.TemporaryDirectory(prefix="sl-lmtp-") as home:
        bind = f"unix:{home}/lmtp.sock"
        address = relay(talk, talk.seller)
        with listener(environment, bind) as process, client(bind) as lmtp:
            assert hand_over(lmtp, letter(), address) == [250, "data", 250]
            process.kill()
            process.wait()
        with listener(environment, bind), client(bind) as lmtp:
            assert hand_over(lmtp, letter(), address) == [250, "data", 250]
    assert len(texts(talk, talk.seller)) == 2


def test_a_signal_ends_it_well_and_a_port_of_this_machine_will_do(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    with listener(environment, bind) as process, client(bind):
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
