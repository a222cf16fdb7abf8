"""Noticing that the process is to end, in threads that wait for something else."""

import signal
import socket
import threading


def notice(ending: threading.Event) -> None:
    """Set `ending` when a signal comes that this process handles. Call it once, in the main thread.

    The web server puts its own handlers in place of ours, and they tell the app nothing; what Python writes for a
    select loop (`signal.set_wakeup_fd`) it writes whatever the handler is.
    """
    heard, written = socket.socketpair()
    written.setblocking(False)
    signal.set_wakeup_fd(written.detach())

    def wait() -> None:
        with heard:
            heard.recv(1)
        ending.set()

    threading.Thread(target=wait, name="ending", daemon=True).start()
