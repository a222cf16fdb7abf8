"""`mail receive` as a mail server runs it: a process with the mail on its standard input, known by its exit status."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.config import ROOT
from tests.factories.letters import letter
from tests.factories.messages import Pair, texts
from tests.factories.relays import DOMAIN, receiving, relay, talking

# Of the installation that the process is.
SECRET = b"s" * 40


@pytest.fixture
def talk(fleet, tmp_path) -> Iterator[Pair]:
    with receiving(tmp_path, secret_key=SECRET):
        yield talking()


@pytest.fixture
def address(talk: Pair) -> str:
    return relay(talk, talk.seller)


def receive(environ: dict[str, str], raw: bytes, *words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "jobs.cli", "mail", "receive", *words]
    given = environ | {"STEVESLIST_MAIL_DOMAIN": DOMAIN} | more
    return subprocess.run(command, cwd=ROOT, env=given, input=raw, capture_output=True, timeout=120)


def test_a_mail_is_taken_once_however_its_recipient_is_told(environment, talk: Pair, address: str) -> None:
    by_header = letter(headers={"To": f"Konrad <{address}>"})
    assert receive(environment, by_header).returncode == 0
    assert receive(environment, letter(), "--recipient", address).returncode == 0
    assert receive(environment, letter(), ORIGINAL_RECIPIENT=address, SENDER="a@mail.example").returncode == 0
    assert texts(talk, talk.seller) == ["Is it still there?", "Yes, it is still here."]


def test_exit_statuses_say_why_not(environment, talk: Pair, address: str) -> None:
    unknown = receive(environment, letter(), "--recipient", f"nobody@{DOMAIN}")
    assert (unknown.returncode, unknown.stdout[:5]) == (67, b"5.1.1")
    assert receive(environment, letter("> quoted\n"), "--recipient", address).returncode == 65
    nobody = receive(environment, letter(), "--recipient", address, "--sender", "")
    assert (nobody.returncode, nobody.stdout) == (0, b"")
    assert texts(talk, talk.seller) == ["Is it still there?"]


def test_whatever_goes_wrong_the_mail_is_to_come_again(environment, address: str) -> None:
    broken = {"STEVESLIST_DIRECTORY_URL": "mysql+pymysql://nobody@127.0.0.1:1/none"}
    assert receive(environment, letter(), "--recipient", address, **broken).returncode == 75
    assert receive(environment, letter(), "--recipient", address, STEVESLIST_WEB_WORKERS="many").returncode == 75


def test_what_came_in_can_be_listed(environment, address: str) -> None:
    receive(environment, letter(), "--recipient", address)
    receive(environment, letter(headers={"Precedence": "bulk"}), "--recipient", address)
    command = [sys.executable, "-m", "jobs.cli", "mail", "received"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert [line.split()[1:] for line in done.stdout.splitlines()] == [["1", "automatic"], ["1", "taken"]]
