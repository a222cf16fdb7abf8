"""A slow line in software: a network namespace that packets reach so many bits a second, and so much later.

TCP and TLS start, grow and wait on it as on a real one. A browser's own throttling only delays whole requests: it shows
neither handshakes nor what the first round trip carries. Linux, root and iproute2 only.
"""

import fcntl
import os
import select
import shutil
import struct
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_DEVICE = Path("/dev/net/tun")
# linux/if_tun.h: TUNSETIFF with IFF_TUN | IFF_NO_PI, whole IP packets and nothing before them.
_TUNSETIFF, _TUN_NO_PI = 0x400454CA, 0x1001
# Of the network that is set aside for benchmarks (RFC 2544): nothing real is hidden by it.
_HERE, _THERE = "198.18.0.1", "198.18.0.2"
_LARGEST_PACKET = 65_536


@dataclass(frozen=True, slots=True)
class Speed:
    """A line, the same in both directions."""

    kbps: int
    rtt_ms: int


@dataclass(frozen=True, slots=True)
class Line:
    """`address` is this machine as seen over the line; a command after the words `far_end` runs at its other end."""

    address: str
    far_end: tuple[str, ...]


def available() -> bool:
    """Whether this process may lay one."""
    return os.geteuid() == 0 and _DEVICE.exists() and shutil.which("ip") is not None


@contextmanager
def slow_line(speed: Speed) -> Iterator[Line]:
    """A line without loss, with a buffer that never overflows."""
    far_end = f"far{os.getpid()}"
    near, far = f"{far_end}a", f"{far_end}b"
    with ExitStack() as stack:
        _ip(f"netns add {far_end}")
        stack.callback(_ip, f"netns del {far_end}")
        tunnels = [_tunnel(stack, name) for name in (near, far)]
        _ip(f"addr add {_HERE}/30 dev {near}", f"link set {near} up")
        _ip(f"link set {far} netns {far_end}")
        _ip(f"addr add {_THERE}/30 dev {far}", f"link set {far} up", "link set lo up", within=far_end)
        stop = Event()
        carriers = [
            Thread(target=_carry, args=(source, sink, speed, stop)) for source, sink in (tunnels, reversed(tunnels))
        ]
        for carrier in carriers:
            carrier.start()
            # Before the tunnels are closed, which the stack does in reverse order.
            stack.callback(carrier.join)
        stack.callback(stop.set)
        yield Line(_HERE, ("ip", "netns", "exec", far_end))


def _ip(*commands: str, within: str = "") -> None:
    for command in commands:
        subprocess.run(["ip", *(("-n", within) if within else ()), *command.split()], check=True)


def _tunnel(stack: ExitStack, name: str) -> int:
    tunnel = os.open(_DEVICE, os.O_RDWR | os.O_NONBLOCK)
    stack.callback(os.close, tunnel)
    fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _TUN_NO_PI))
    return tunnel


def _carry(source: int, sink: int, speed: Speed, stop: Event) -> None:
    """One direction: a packet leaves when those before it have, and arrives half a round trip later."""
    seconds_per_byte, delay = 8 / (speed.kbps * 1000), speed.rtt_ms / 2000
    under_way: deque[tuple[float, bytes]] = deque()
    free_at = 0.0
    while not stop.is_set():
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else 0.2
        if select.select([source], [], [], min(wait, 0.2))[0]:
            packet = os.read(source, _LARGEST_PACKET)
            free_at = max(free_at, time.monotonic()) + len(packet) * seconds_per_byte
            under_way.append((free_at + delay, packet))
        while under_way and under_way[0][0] <= time.monotonic():
            os.write(sink, under_way.popleft()[1])
