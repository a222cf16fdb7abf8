"""Runs the photo process for one upload: starts it, feeds it, ends it in time, and reads what it made.

Cost on two shared cores, the child's start of 60 ms included, is measured in docs/adr/0020-photo-variants.md.
"""

import contextlib
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from shared.gateways.photos.errors import REASONS, PhotoRejected

CHILD = Path(__file__).with_name("child.py")
EXTENSIONS = {"image/avif": "avif", "image/jpeg": "jpg"}
AT_ONCE = 2

logger = logging.getLogger(__name__)
_slots = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What one photo may cost. The child's address space includes about 150 MB of interpreter and libraries."""

    input_bytes: int = 10_000_000
    pixels: int = 40_000_000
    memory_bytes: int = 800_000_000
    cpu_seconds: int = 10
    wall_seconds: float = 30
    queue_seconds: float = 20
    output_bytes: int = 4_000_000


@dataclass(frozen=True)
class Variant:
    """One rendition, without metadata, in sRGB; width and height in pixels as displayed."""

    width: int
    height: int
    media_type: str
    data: bytes

    @property
    def name(self) -> str:
        """Named by its content, so that the same bytes are stored once and a cache may keep them for ever."""
        digest = hashlib.sha256(self.data).hexdigest()[:32]
        return f"{digest}-{self.width}.{EXTENSIONS[self.media_type]}"


@dataclass(frozen=True)
class ProcessedPhoto:
    """All renditions of a photo, smallest first; `width` and `height` are those of the largest."""

    variants: tuple[Variant, ...]

    @property
    def width(self) -> int:
        return self.variants[-1].width

    @property
    def height(self) -> int:
        return self.variants[-1].height

    def manifest(self) -> dict[str, dict[str, Any]]:
        """For storing as JSON: `{"640": {"height": 480, "avif": "<name>", "jpg": "<name>"}, ...}`."""
        widths: dict[str, dict[str, Any]] = {}
        for variant in self.variants:
            entry = widths.setdefault(str(variant.width), {"height": variant.height})
            entry[EXTENSIONS[variant.media_type]] = variant.name
        return widths


def process(data: bytes, limits: Limits | None = None) -> ProcessedPhoto:
    """Decode an untrusted upload and make its variants; raises `PhotoRejected` and nothing else for a bad file.

    Blocks until done, at most `queue_seconds` for a slot and then `wall_seconds`; a process works on `AT_ONCE` photos.
    """
    limits = limits or Limits()
    if not data:
        raise PhotoRejected("empty")
    if len(data) > limits.input_bytes:
        raise PhotoRejected("too_large")
    if not _slots.acquire(timeout=limits.queue_seconds):
        raise PhotoRejected("busy")
    try:
        with tempfile.TemporaryFile() as output:
            _run(data, output, limits)
            output.seek(0)
            return _read(output)
    finally:
        _slots.release()


def _run(data: bytes, output: BinaryIO, limits: Limits) -> None:
    # Output goes to a file and not through a pipe, because a file is what RLIMIT_FSIZE bounds.
    with subprocess.Popen(
        [sys.executable, "-I", str(CHILD), json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "1"},
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            child.communicate(data, timeout=limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise PhotoRejected("took_too_long") from None
        finally:
            _end(child)
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PhotoRejected("took_too_long")
    if child.returncode:
        logger.warning("photo process failed", extra={"exit_status": child.returncode, "upload_bytes": len(data)})
        raise PhotoRejected("damaged")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _read(output: BinaryIO) -> ProcessedPhoto:
    header = json.loads(_frame(output))
    if "rejected" in header:
        reason = header["rejected"]
        raise PhotoRejected(reason if reason in REASONS else "damaged")
    return ProcessedPhoto(tuple(Variant(**entry, data=_frame(output)) for entry in header["variants"]))


def _frame(output: BinaryIO) -> bytes:
    length = int.from_bytes(output.read(4), "big")
    payload = output.read(length)
    if not payload or len(payload) != length:
        raise PhotoRejected("damaged")
    return payload
