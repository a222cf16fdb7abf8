"""Blobs in a directory: names that cannot escape, and files that are whole or absent."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import Invalid, MarketError, NotFound
from shared.gateways.blobs import DirectoryBlobs, blobs

ROOT = Path(__file__).parents[3]
NAME = "0123456789abcdef0123456789abcdef-640.avif"
TODAY = 1_790_000_000
HOSTILE = [
    *("", ".", "..", "../../etc/passwd", f"../{NAME}", f"{NAME}/", f"{NAME}\n", f"{NAME}\0", f"/{NAME}", f"x/{NAME}"),
    *("0123-640.avif", NAME.upper(), NAME.replace("640", "0640"), NAME.replace("640", "0"), NAME.replace("640", "٦٤٠")),
    *(
        NAME.replace("avif", "svg"),
        NAME.replace("avif", "html"),
        NAME.replace("avif", ""),
        NAME.replace("640", "100000"),
    ),
]


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobs:
    made = blobs(f"file:{tmp_path}/kept%20here")
    assert isinstance(made, DirectoryBlobs)
    return made


def age(store: DirectoryBlobs, *names: str) -> None:
    """As if nobody had put these since the day before."""
    for name in names:
        os.utime(store.path(name), (TODAY - 1, TODAY - 1))


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[int]:
    """Hold a directory as whoever puts or removes a blob there does; gives its inode."""
    handle = os.open(directory, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield os.fstat(handle).st_ino
    os.close(handle)


def wait_for_a_waiter(inode: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any("->" in line and f":{inode} " in line for line in Path("/proc/locks").read_text().splitlines()):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def files(store: DirectoryBlobs) -> list[str]:
    return sorted(str(file.relative_to(store.root)) for file in store.root.rglob("*") if file.is_file())


def test_what_was_put_is_read_back_with_its_type_and_size(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    assert store.exists(NAME)
    assert store.get(NAME) == b"picture"
    found = store.open(NAME)
    with found.file as file:
        assert (file.read(), found.media_type, found.size) == (b"picture", "image/avif", 7)


def test_blobs_spread_over_two_levels_of_directories(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    assert store.root.name == "kept here"
    assert files(store) == [f"01/23/{NAME}"]


def test_putting_again_writes_nothing_and_renews(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    before = store.path(NAME).stat()
    age(store, NAME)
    store.put(NAME, b"picture", "image/avif")
    after = store.path(NAME).stat()
    assert before.st_ino == after.st_ino
    assert after.st_mtime >= int(before.st_mtime)


def test_many_puts_of_one_name_at_once_leave_one_whole_file(store: DirectoryBlobs) -> None:
    threads = [threading.Thread(target=store.put, args=(NAME, b"x" * 100_000, "image/avif")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(store) == [f"01/23/{NAME}"]
    assert store.get(NAME) == b"x" * 100_000


def test_a_removed_blob_is_gone_and_removing_again_is_harmless(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    age(store, NAME)
    assert [store.remove(NAME, TODAY), store.remove(NAME, TODAY)] == [True, False]
    assert not store.exists(NAME)
    for read in (store.get, store.open):
        with pytest.raises(NotFound):
            read(NAME)


@pytest.mark.parametrize("again", ["put", "renew"])
def test_what_was_put_or_renewed_since_is_neither_listed_nor_removed(store: DirectoryBlobs, again: str) -> None:
    store.put(NAME, b"picture", "image/avif")
    age(store, NAME)
    assert list(store.list(TODAY)) == [NAME]
    if again == "put":
        store.put(NAME, b"picture", "image/avif")
    else:
        assert store.renew(NAME)
    assert not store.remove(NAME, TODAY)
    assert list(store.list(TODAY)) == []
    assert store.get(NAME) == b"picture"


def test_a_blob_that_is_not_there_cannot_be_renewed_or_removed(store: DirectoryBlobs) -> None:
    assert not store.renew(NAME)
    assert not store.remove(NAME, TODAY)
    assert not store.root.exists()
    store.put(NAME, b"picture", "image/avif")
    assert not store.renew(NAME.replace("640", "320"))


def test_a_removal_that_comes_upon_a_renewal_waits_for_it_and_spares_the_blob(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    age(store, NAME)
    removed: list[bool] = []
    remover = threading.Thread(target=lambda: removed.append(store.remove(NAME, TODAY)))
    with locked(store.path(NAME).parent) as inode:
        remover.start()
        wait_for_a_waiter(inode)
        os.utime(store.path(NAME))
    remover.join()
    assert removed == [False]
    assert store.get(NAME) == b"picture"


def test_a_put_that_comes_upon_a_removal_waits_for_it_and_stores_the_blob_again(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    writer = threading.Thread(target=store.put, args=(NAME, b"picture", "image/avif"))
    with locked(store.path(NAME).parent) as inode:
        writer.start()
        wait_for_a_waiter(inode)
        store.path(NAME).unlink()
    writer.join()
    assert store.get(NAME) == b"picture"


def test_a_remover_killed_while_it_works_blocks_nobody(store: DirectoryBlobs) -> None:
    script = (
        "import fcntl, os, sys, time; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX); print(flush=True)"
    )
    store.put(NAME, b"picture", "image/avif")
    command = [sys.executable, "-c", f"{script}; time.sleep(600)", str(store.path(NAME).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as remover:
        assert remover.stdout is not None
        remover.stdout.readline()
        os.kill(remover.pid, signal.SIGKILL)
    assert store.renew(NAME)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_another_form_is_not_found_and_touches_nothing(store: DirectoryBlobs, name: str) -> None:
    for verb in (store.get, store.open, store.exists, store.renew, store.path):
        with pytest.raises(NotFound):
            verb(name)
    with pytest.raises(NotFound):
        store.remove(name, TODAY)
    with pytest.raises(NotFound):
        store.put(name, b"picture", "image/avif")
    assert not store.root.exists()


def test_the_type_must_be_that_of_the_name(store: DirectoryBlobs) -> None:
    with pytest.raises(Invalid):
        store.put(NAME, b"<script>", "text/html")
    assert not store.exists(NAME)


def test_a_failed_write_leaves_no_file_behind(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    neighbour = NAME.replace("640", "320")
    with pytest.raises(TypeError):
        store.put(neighbour, "not bytes", "image/avif")  # type: ignore[arg-type]
    assert files(store) == [f"01/23/{NAME}"]


def test_a_writer_killed_in_the_middle_leaves_no_half_blob(store: DirectoryBlobs) -> None:
    script = """
import sys
from pathlib import Path
from shared.gateways.blobs import DirectoryBlobs
store = DirectoryBlobs(Path(sys.argv[1]))
print(flush=True)
for number in range(1, 99999):
    store.put(f"{number:032x}-640.avif", b"x" * 3_000_000, "image/avif")
"""
    command = [sys.executable, "-c", script, str(store.root)]
    for _attempt in range(3):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            written = len(files(store))
            while len(files(store)) <= written:
                assert writer.poll() is None
            os.kill(writer.pid, signal.SIGKILL)
    whole = [file for file in store.root.rglob("*.avif") if not file.name.startswith(".")]
    assert all(file.stat().st_size == 3_000_000 for file in whole)


def test_what_dead_writers_left_is_removed_once_it_is_old(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    age(store, NAME)
    dead, alive = (store.path(NAME).with_name(f".{NAME}.{number:016x}") for number in (1, 2))
    for unfinished in (dead, alive):
        unfinished.write_bytes(b"pict")
    os.utime(dead, (TODAY - 1, TODAY - 1))
    assert list(store.list(TODAY)) == [NAME]
    assert store.remove_unfinished(TODAY) == 1
    assert sorted(file.name for file in alive.parent.iterdir()) == sorted([NAME, alive.name])


def test_files_that_are_not_ours_are_left_alone(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    for stranger in (store.root / "README", store.path(NAME).with_name("notes.txt"), store.root / "lost" / NAME):
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_text("mine")
        os.utime(stranger, (1, 1))
    assert list(store.list(TODAY)) == []
    assert store.remove_unfinished(TODAY) == 0


@pytest.mark.parametrize("url", ["", "var/blobs", "s3://bucket/photos", "file:", "file://host/path"])
def test_a_wrong_setting_gets_one_clear_sentence(url: str) -> None:
    with pytest.raises(MarketError) as refusal:
        blobs(url)
    assert refusal.value.message.startswith("STEVESLIST_BLOB_URL must be file:PATH")
