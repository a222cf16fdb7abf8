"""The process of the streams as the supervisor starts it, asked over HTTP, by itself and through the site."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from jobs.supervisor.services import Service, services
from public_app import create_app
from public_app.live.streaming import MOST_OF_A_USER
from shared import ids, sockets
from shared.accounts import sessions
from shared.config import ROOT, Settings
from shared.sharding import transaction
from tests.factories.messages import Pair, carry_all, copy_of, write
from tests.factories.relays import talking
from tests.factories.settings import settings
from tests.journeys.site import eventually

MOST = 4
Site = tuple[Service, dict[str, str]]


@pytest.fixture
def talk(fleet) -> Pair:
    return talking()


@pytest.fixture
def installation(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """A site with one thread that works; the streams are on a socket with a short name."""
    with tempfile.TemporaryDirectory(prefix="sl-live-") as home, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        yield environment | {
            "STEVESLIST_STREAMS": str(MOST),
            "STEVESLIST_STREAMS_BIND": f"unix:{home}/s",
            "STEVESLIST_PUBLIC_BIND": f"127.0.0.1:{port}",
            "STEVESLIST_WEB_WORKERS": "1",
            "STEVESLIST_WEB_THREADS": "1",
            "REDIS_URL": "redis://127.0.0.1:1/0",
        }


@pytest.fixture
def installed(installation: dict[str, str]) -> Site:
    """The service of the streams, and its environment."""
    return service_of(installation, "streams"), installation


def service_of(environ: dict[str, str], name: str) -> Service:
    return next(each for each in services(Settings.from_environment(environ)) if each.name == name)


@contextlib.contextmanager
def running(installed: Site) -> "Iterator[subprocess.Popen[bytes]]":
    service, environ = installed
    service.prepare()
    process = subprocess.Popen(service.command, cwd=ROOT, env=environ, start_new_session=True)
    try:
        eventually(lambda: service.ready() or None, "streams", 90)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def cookie(owner: int) -> str:
    with transaction(owner) as session:
        return f"session={sessions.start(session, 'Browser', '192.0.2.7/32')}"


class Connection(http.client.HTTPConnection):
    def __init__(self, bind: str) -> None:
        super().__init__("localhost", timeout=60)
        self.bind = bind

    def connect(self) -> None:
        self.sock = sockets.connect(self.bind, 60)


@pytest.fixture
def ask(installed: Site) -> Iterator[Callable[..., http.client.HTTPResponse]]:
    """Opens streams, and closes them in the end."""
    with contextlib.ExitStack() as stack:

        def _ask(
            two: Pair, owner: int, cookie: str, after: int = 1, of: str = "STEVESLIST_STREAMS_BIND"
        ) -> http.client.HTTPResponse:
            connection = stack.enter_context(contextlib.closing(Connection(installed[1][of])))
            path = f"/account/messages/{ids.public(copy_of(two, owner).id)}/live?after={after}"
            connection.request("GET", path, headers={"Cookie": cookie})
            response = connection.getresponse()
            response.hang_up = connection.close  # type: ignore[attr-defined]
            return response

        yield _ask


def until_event(response: http.client.HTTPResponse) -> str:
    """What the stream says until its end."""
    return b"".join(iter(response.readline, b"")).decode()


def test_a_message_of_the_other_side_comes_while_the_stream_is_open(installed: Site, talk: Pair, ask) -> None:
    with running(installed):
        response = ask(talk, talk.seller, cookie(talk.seller))
        assert response.status == 200 and response.readline().startswith(b"retry: ")
        write(talk, talk.buyer, "And the lid?")
        carry_all()
        assert "And the lid?" in until_event(response)


def test_the_cap_holds_and_a_place_is_free_again_when_somebody_hangs_up(installed: Site, talk: Pair, ask) -> None:
    with running(installed):
        seller, buyer = cookie(talk.seller), cookie(talk.buyer)
        first = [ask(talk, talk.seller, seller) for _ in range(MOST_OF_A_USER)]
        ask(talk, talk.buyer, buyer)
        refused = ask(talk, talk.buyer, buyer)
        assert [each.status for each in first] == [200] * MOST_OF_A_USER
        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        first[0].hang_up()
        first[0].close()
        eventually(lambda: ask(talk, talk.buyer, buyer).status == 200 or None, "free place", 30)


def test_open_streams_take_no_thread_of_those_that_serve_the_site(installed: Site, talk: Pair, ask) -> None:
    bind = "STEVESLIST_PUBLIC_BIND"
    with running(installed), running((service_of(installed[1], "public"), installed[1])):
        seller, buyer = cookie(talk.seller), cookie(talk.buyer)
        open_ones = [ask(talk, talk.seller, seller, of=bind) for _ in range(2)]
        open_ones += [ask(talk, talk.buyer, buyer, of=bind) for _ in range(2)]
        assert [each.status for each in open_ones] == [200] * MOST
        assert ask(talk, talk.seller, seller, of=bind).status == 503
        with contextlib.closing(Connection(installed[1][bind])) as reader:
            for _ in range(10):
                reader.request("GET", "/login")
                page = reader.getresponse()
                assert page.status == 200 and page.read()
        write(talk, talk.buyer, "And the lid?")
        carry_all()
        assert all("And the lid?" in until_event(each) for each in open_ones[:2])


def test_a_killed_process_leaves_a_socket_that_the_next_one_takes_over(installed: Site, talk: Pair, ask) -> None:
    with running(installed) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with running(installed):
        assert ask(talk, talk.seller, cookie(talk.seller), after=0).status == 200


@pytest.mark.parametrize("open_ones", [0, MOST_OF_A_USER])
def test_start_and_stop_say_nothing_whether_streams_are_open_or_not(
    installed: Site, talk: Pair, ask, open_ones: int, capfd
) -> None:
    with running(installed) as process:
        seller = cookie(talk.seller)
        streams = [ask(talk, talk.seller, seller) for _ in range(open_ones)]
        assert all(each.readline().startswith(b"retry: ") for each in streams)
        process.terminate()
        assert process.wait(30) == 0
        assert ["event: message" in until_event(each) for each in streams] == [False] * open_ones
    said = capfd.readouterr()
    assert [line for line in (said.out + said.err).splitlines() if "refused" in line or "404" in line] == []


@pytest.fixture
def site(installed: Site, tmp_path) -> Flask:
    """The public site, which passes the streams on."""
    chosen = settings(tmp_path, streams=1, streams_bind=installed[1]["STEVESLIST_STREAMS_BIND"])
    return create_app(chosen, testing=True)


def test_the_site_passes_a_stream_on_as_it_comes(installed: Site, site: Flask, talk: Pair) -> None:
    with running(installed):
        path = f"/account/messages/{ids.public(copy_of(talk, talk.seller).id)}/live?after=1"
        headers = {"Cookie": cookie(talk.seller)}
        first = site.test_client(use_cookies=False).get(path, headers=headers)
        chunks = first.iter_encoded()
        assert (first.status_code, first.mimetype) == (200, "text/event-stream")
        assert next(chunks).startswith(b"retry: ")
        # The site has no place for a second one, and is not kept from anything else.
        refused = site.test_client(use_cookies=False).get(path, headers=headers)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert site.test_client().get("/healthz").status_code == 200
        write(talk, talk.buyer, "And the lid?")
        carry_all()
        assert b"And the lid?" in b"".join(chunks)
        first.close()
        with site.test_client(use_cookies=False).get(path, headers=headers) as again:
            assert again.status_code == 200 and b"And the lid?" in again.data


def test_the_site_passes_on_that_a_thread_is_somebody_elses(installed: Site, site: Flask, talk: Pair) -> None:
    with running(installed):
        path = f"/account/messages/{ids.public(copy_of(talk, talk.seller).id)}/live"
        with site.test_client(use_cookies=False).get(path, headers={"Cookie": cookie(talk.buyer)}) as response:
            assert response.status_code == 404
        foreign = "".join(chr(ord("٠") + int(digit)) for digit in str(ids.public(copy_of(talk, talk.seller).id)))
        for _ in range(2):
            asked = f"/account/messages/{foreign}/live"
            with site.test_client(use_cookies=False).get(asked, headers={"Cookie": cookie(talk.seller)}) as response:
                assert response.status_code == 200
        strange = site.test_client(use_cookies=False).get(f"{path}?after=ü", headers={"Cookie": cookie(talk.seller)})
        assert strange.status_code == 400


def test_without_the_process_the_site_says_to_come_again(site: Flask, talk: Pair) -> None:
    path = f"/account/messages/{ids.public(copy_of(talk, talk.seller).id)}/live"
    for _ in range(3):
        response = site.test_client(use_cookies=False).get(path, headers={"Cookie": cookie(talk.seller)})
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
        response.close()
