"""Blobs in a directory: names that cannot escape, and files that are whole or absent."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shared.errors import Invalid, MarketError, NotFound
from shared.gateways.blobs import DirectoryBlobs, blobs

ROOT = Path(__file__).parents[3]
NAME = "0123456789abcdef0123456789abcdef-640.avif"
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


def test_putting_again_changes_nothing(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    before = store.path(NAME).stat()
    store.put(NAME, b"picture", "image/avif")
    after = store.path(NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_many_puts_of_one_name_at_once_leave_one_whole_file(store: DirectoryBlobs) -> None:
    threads = [threading.Thread(target=store.put, args=(NAME, b"x" * 100_000, "image/avif")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(store) == [f"01/23/{NAME}"]
    assert store.get(NAME) == b"x" * 100_000


def test_a_deleted_blob_is_gone_and_deleting_again_is_harmless(store: DirectoryBlobs) -> None:
    store.put(NAME, b"picture", "image/avif")
    store.delete(NAME)
    store.delete(NAME)
    assert not store.exists(NAME)
    for read in (store.get, store.open):
        with pytest.raises(NotFound):
            read(NAME)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_another_form_is_not_found_and_touches_nothing(store: DirectoryBlobs, name: str) -> None:
    for verb in (store.get, store.open, store.exists, store.delete, store.path):
        with pytest.raises(NotFound):
            verb(name)
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


@pytest.mark.parametrize("url", ["", "var/blobs", "s3://bucket/photos", "file:", "file://host/path"])
def test_a_wrong_setting_gets_one_clear_sentence(url: str) -> None:
    with pytest.raises(MarketError) as refusal:
        blobs(url)
    assert refusal.value.message.startswith("STEVESLIST_BLOB_URL must be file:PATH")
