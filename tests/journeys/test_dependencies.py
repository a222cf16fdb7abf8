"""What the site needs goes away while it runs: pages answer in words, nothing is half done, and it recovers."""

import contextlib
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.factories import photos
from tests.journeys.site import Site, demo_person, eventually
from tests.journeys.visitor import Form, Reply, Visitor
from tests.security.state import changed, contents

DETAILS = {"title": "A kettle for a rainy day", "price_kind": "free", "place": "Innsbruck", "body": "It whistles."}
READING = ("/", "/c/furniture", "/in/at", "/login", "/signup", "/post", "/healthz")


class Draft:
    """A draft of somebody logged in, with its form at hand."""

    def __init__(self, site: Site) -> None:
        self.visitor = Visitor(site).log_in(*demo_person(8))
        edit = self.visitor.submit(self.visitor.get("/post"), category="household").location
        self.path = edit.removesuffix("/edit")
        self.form: Form = self.visitor.get(edit).form()

    def save(self) -> Reply:
        return self.visitor.post(self.form.action, self.form.filled(DETAILS))

    def upload(self, data: bytes) -> Reply:
        return self.visitor.post(f"{self.path}/photos", self.form.fields, [("photo", "photo.jpg", data)])


@pytest.fixture
def draft(site: Site) -> Draft:
    return Draft(site)


def processes(site: Site, *words: str) -> list[int]:
    """The site's processes with these words in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f"STEVESLIST_VAR={site.var}".encode() in (entry / "environ").read_bytes():
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                if all(word in command for word in words):
                    found.append(int(entry.name))
    assert found, words
    return found


@contextlib.contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def moved_away(path: Path) -> Iterator[None]:
    elsewhere = path.with_name(f"{path.name}.elsewhere")
    path.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(path)


@contextlib.contextmanager
def locked(*databases: Path) -> Iterator[None]:
    """Somebody else writes to these databases and does not come to an end."""
    with contextlib.ExitStack() as stack:
        for path in databases:
            connection = stack.enter_context(contextlib.closing(sqlite3.connect(path, timeout=20)))
            connection.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def disk_full(pids: list[int]) -> Iterator[None]:
    """Every write of these processes to a file fails, as on a full disk."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def assert_readable(site: Site) -> None:
    reader = Visitor(site)
    assert {path: reader.get(path).status for path in READING} == dict.fromkeys(READING, 200)


def assert_in_words(reply: Reply) -> None:
    assert reply.status == 503, reply.text
    assert "Try again in" in reply.text
    assert reply.headers["Retry-After"]
    assert "Traceback" not in reply.text


def answers(site: Site, path: str = "/healthz") -> bool | None:
    with contextlib.suppress(OSError), urlopen(site.url + path, timeout=5) as response:
        return bool(response.status == 200)
    return None


def test_without_redis_everything_is_taken_and_done_later(site: Site, draft: Draft) -> None:
    with frozen(processes(site, "valkey-server")):
        assert_readable(site)
        assert draft.save().status == 303
        assert Visitor(site).get("/search?q=table").status == 200
        unready = Visitor(site).get("/readyz")
        assert (unready.status, '"redis"' in unready.text) == (503, True)
        visitor = Visitor(site)
        sent = visitor.submit(visitor.get("/reset"), email=demo_person(9)[0])
        assert sent.status == 303
    eventually(lambda: answers(site, "/readyz"), "ready site")
    site.mailed_link(demo_person(9)[0], "/reset/", seconds=60)


def test_without_the_index_titles_are_searched(site: Site) -> None:
    # The indexer would begin another one.
    with frozen(processes(site, "jobs.indexer")), moved_away(site.var / "index"):
        assert_found(Visitor(site).get("/search?q=table"))
        replace_worker(site)
        assert_readable(site)
        found = Visitor(site).get("/search?q=table")
        assert_found(found)
        assert found.headers["Cache-Control"] == "no-store", "what stands in for the index is not kept"
    eventually(lambda: answers(site, "/readyz"), "ready site")
    again = Visitor(site).get("/search?q=table")
    assert_found(again)
    assert again.headers["Cache-Control"] != "no-store"


def assert_found(reply: Reply) -> None:
    assert reply.status == 200
    assert any(link.startswith("/l/") for link in reply.links), reply.text


def replace_worker(site: Site) -> None:
    """Kill the process that answers, which has the index open, and wait for the next one."""
    servers = processes(site, "wsgi:public")
    (worker,) = [pid for pid in servers if int(Path(f"/proc/{pid}/stat").read_text().split()[3]) in servers]
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: answers(site) if worker not in processes(site, "wsgi:public") else None, "new worker")


def test_while_databases_take_no_writes_they_are_read_and_nothing_is_half_written(site: Site, draft: Draft) -> None:
    before = contents(site)
    with locked(*(site.var / "db" / f"{name}.sqlite" for name in ("u1", "u2"))):
        assert_readable(site)
        assert_in_words(draft.save())
    assert changed(before, site) == []
    assert draft.save().status == 303


def test_without_a_directory_to_write_to_nobody_logs_in_and_everybody_reads(site: Site) -> None:
    visitor = Visitor(site)
    form = visitor.get("/login")
    email, password = demo_person(10)
    with locked(site.var / "db" / "directory.sqlite"):
        assert_readable(site)
        assert_in_words(visitor.submit(form, email=email, password=password))
    assert visitor.submit(form, email=email, password=password).status == 303


def test_on_a_full_disk_pages_are_read_and_nothing_is_half_written(site: Site, draft: Draft) -> None:
    before = contents(site)
    files = set((site.var / "blobs").rglob("*"))
    visitor = Visitor(site)
    signup = visitor.get("/signup")
    person = {"email": "full-disk@example.org", "name": "Full", "password": "eleven quiet harbours"}
    with disk_full(processes(site, "granian")):
        assert_readable(site)
        assert_in_words(draft.save())
        assert_in_words(draft.upload(photos.jpeg(640, 480)))
        assert_in_words(draft.upload(photos.jpeg(64, 48) + bytes(1_000_000)))
        assert_in_words(visitor.submit(signup, **person))
    assert changed(before, site) == []
    assert set((site.var / "blobs").rglob("*")) == files
    assert draft.save().status == 303
    assert draft.upload(photos.jpeg(640, 480)).status == 303
    assert visitor.submit(signup, **person).status == 303
