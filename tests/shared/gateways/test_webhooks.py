"""The sender against a real receiver process: whatever that does, there is an answer, in time, and nothing else."""

import datetime
import json
import socket
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.gateways.webhooks import Sender
from shared.webhooks import Attempt
from tests.factories.webhooks import resolves_to
from tests.webhook_receiver import Receiver, receiver

# So short that a test may wait for it.
DEADLINE = 1.5


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    with receiver(tmp_path_factory.mktemp("receiver")) as running:
        yield running


@pytest.fixture
def sender() -> Sender:
    return Sender("https://market.example", loopback=True, deadline=DEADLINE)


def attempt(url: str, body: bytes = b'{"id":1}') -> Attempt:
    headers = {"content-type": "application/json", "webhook-id": "evt_1"}
    return Attempt(endpoint=1, delivery=2, number=1, url=url, headers=headers, body=body, at=0, probe=False)


def test_what_arrives_is_what_was_signed(sender, peer):
    answer = sender.send(attempt(peer.url("/ok?a=1"), body='{"text":"für"}'.encode()))
    assert (answer.status, answer.fault, answer.body) == (200, None, "fine\n")
    assert answer.accepted
    assert answer.head.startswith("200 OK\nContent-Length: 5")
    got = peer.requests()[-1]
    assert (got["path"], json.loads(got["body"])) == ("/ok?a=1", {"text": "für"})
    assert got["headers"]["webhook-id"] == "evt_1"
    assert got["headers"]["host"] == f"127.0.0.1:{peer.port}"
    assert got["headers"]["user-agent"] == "Steveslist-Webhooks/1 (+https://market.example)"


@pytest.mark.parametrize("path", ["/hang", "/drip-head", "/drip-body"])
def test_a_receiver_that_takes_for_ever_is_hung_up_on_at_the_deadline(sender, peer, path):
    began = time.monotonic()
    answer = sender.send(attempt(peer.url(path)))
    assert answer.fault == "timeout"
    assert not answer.accepted
    assert DEADLINE <= time.monotonic() - began < DEADLINE + 5, "each byte must not begin the time anew"


def test_what_had_dripped_in_is_shown(sender, peer):
    answer = sender.send(attempt(peer.url("/drip-body")))
    assert answer.status == 200
    assert 0 < len(answer.body) < 100


def test_of_ten_gigabytes_twenty_thousand_bytes_are_read(sender, peer):
    answer = sender.send(attempt(peer.url("/huge")))
    assert (answer.accepted, len(answer.body)) == (True, 20_000)


@pytest.mark.parametrize("path", ["/continue", "/long-head", "/trailers"])
def test_what_has_no_end_is_hung_up_on_long_before_the_deadline(peer, path):
    answer = Sender("https://market.example", loopback=True, deadline=60).send(attempt(peer.url(path)))
    assert (answer.fault, answer.accepted) == ("broken", False)
    assert "no end" in answer.detail


def test_a_redirect_is_an_answer_like_others_and_is_not_followed(sender, peer):
    answer = sender.send(attempt(peer.url("/redirect")))
    assert (answer.status, answer.accepted) == (302, False)
    assert "/elsewhere" not in peer.paths()


@pytest.mark.parametrize(("path", "fault"), [("/reset", "broken"), ("/nonsense", "broken")])
def test_a_connection_that_breaks_is_a_fault(sender, peer, path, fault):
    assert sender.send(attempt(peer.url(path))).fault == fault


def test_nobody_listening_is_a_fault(sender, peer):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        answer = sender.send(attempt(f"http://127.0.0.1:{free.getsockname()[1]}/"))
    assert answer.fault == "connect"


def test_an_answer_is_kept_as_text_that_no_terminal_obeys(sender, peer):
    assert sender.send(attempt(peer.url("/binary"))).body == "\ufffd\ufffd[31m\ufffd<b"


def test_a_compressed_answer_is_not_unpacked(sender, peer):
    assert sender.send(attempt(peer.url("/gzip"))).body.endswith("xx")


def test_what_the_receiver_asks_for_is_passed_on(sender, peer):
    assert sender.send(attempt(peer.url("/busy"))).retry_after == "7"
    assert sender.send(attempt(peer.url("/disable"))).control == "disable"
    assert sender.send(attempt(peer.url("/abort"))).control == "abort-message"


def test_proxy_variables_are_not_read(sender, peer, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert sender.send(attempt(peer.url())).accepted


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(sender, peer, monkeypatch):
    """The second answer is the trap: whoever asks again before connecting falls into it."""
    asked = resolves_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    answer = sender.send(attempt(peer.url("/ok", host="rebinding.example")))
    assert answer.accepted
    assert asked == ["rebinding.example"]
    assert peer.requests()[-1]["headers"]["host"] == f"rebinding.example:{peer.port}"


@pytest.mark.parametrize(
    "answers",
    [["169.254.169.254"], ["127.0.0.1", "10.0.0.7"], ["10.0.0.7", "127.0.0.1"], ["127.0.0.1", "::ffff:10.0.0.7"]],
)
def test_one_refused_answer_refuses_all_and_nothing_is_connected_to(sender, peer, monkeypatch, answers):
    before = len(peer.requests())
    resolves_to(monkeypatch, answers)
    answer = sender.send(attempt(peer.url("/ok", host="metadata.example")))
    assert answer.fault == "denied"
    assert not any(each in answer.detail for each in answers), "what a name leads to inside is nobody's business"
    assert len(peer.requests()) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "0"])
def test_without_the_development_setting_this_machine_is_out_of_reach(host):
    answer = Sender("https://market.example", deadline=DEADLINE).send(attempt(f"http://{host}/"))
    assert answer.fault == "denied"


def test_without_the_development_setting_other_ports_are_out_of_reach(monkeypatch):
    asked = resolves_to(monkeypatch, ["93.184.215.14"])
    answer = Sender("https://market.example", deadline=DEADLINE).send(attempt("http://example.com:6379/"))
    assert (answer.fault, asked) == ("denied", [])


def test_the_next_address_is_tried_when_one_does_not_answer(sender, peer, monkeypatch):
    resolves_to(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    assert sender.send(attempt(peer.url("/ok", host="two.example"))).accepted


def test_an_address_that_swallows_everything_leaves_time_for_the_next(sender, peer, monkeypatch):
    resolves_to(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    with full_house("127.0.0.2", peer.port):
        assert sender.send(attempt(peer.url("/ok", host="two.example"))).accepted


@contextmanager
def full_house(address: str, port: int):
    """Nobody gets in: the queue of those who connect is full, and further calls for it are not answered."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind((address, port))
        listening.listen(0)
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex((address, port))
        yield


def test_a_resolver_that_hangs_does_not_hold_the_sender(sender, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: time.sleep(DEADLINE * 2) or [])
    began = time.monotonic()
    assert sender.send(attempt("http://slow-dns.example/")).fault == "timeout"
    assert time.monotonic() - began < DEADLINE * 2


def test_a_name_that_does_not_exist_is_a_fault(sender, monkeypatch):
    def fail(*_args, **_named):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert sender.send(attempt("http://nowhere.example/")).fault == "name"


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> "tuple[Receiver, Path]":
    """A receiver over TLS whose certificate is for hooks.example, and the file of its authority."""
    home = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = home / "certificate.pem", home / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with receiver(home, pem, private) as running:
        yield running, pem


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address(certified, monkeypatch):
    peer, authority = certified
    sender = Sender("https://market.example", loopback=True, deadline=DEADLINE, authorities=str(authority))
    resolves_to(monkeypatch, ["127.0.0.1"])
    assert sender.send(attempt(peer.url("/ok", host="hooks.example"))).accepted
    refused = sender.send(attempt(peer.url("/ok", host="other.example")))
    assert refused.fault == "tls"
    assert "other.example" in refused.detail or "match" in refused.detail


def test_a_certificate_of_an_unknown_authority_is_refused(certified, sender, monkeypatch):
    peer, _ = certified
    resolves_to(monkeypatch, ["127.0.0.1"])
    before = len(peer.requests())
    assert sender.send(attempt(peer.url("/ok", host="hooks.example"))).fault == "tls"
    assert len(peer.requests()) == before


@pytest.mark.parametrize("path", ["/hang", "/drip-head", "/drip-body"])
def test_the_deadline_holds_over_tls_too(certified, monkeypatch, path):
    peer, authority = certified
    sender = Sender("https://market.example", loopback=True, deadline=DEADLINE, authorities=str(authority))
    resolves_to(monkeypatch, ["127.0.0.1"])
    began = time.monotonic()
    assert sender.send(attempt(peer.url(path, host="hooks.example"))).fault == "timeout"
    assert time.monotonic() - began < DEADLINE + 5


def test_a_handshake_that_never_ends_is_hung_up_on(sender, peer, monkeypatch):
    """A plain server waits for a request while we wait for its side of the handshake."""
    began = time.monotonic()
    answer = sender.send(attempt(peer.url("/ok").replace("http:", "https:")))
    assert answer.fault in ("timeout", "tls", "broken")
    assert time.monotonic() - began < DEADLINE + 5
