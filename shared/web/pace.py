"""How fast one network may ask for what costs much and writes nothing. Kept in this process alone.

Tries that change something are counted in the directory (shared/accounts/throttle.py), for ever and for all processes;
a search is over sooner than such a write.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from flask import Request

from shared.errors import Throttled

from .client import client_address, client_network


class Pace:
    """At most `burst` at once and one each `seconds` in the long run (GCRA, ITU-T I.371), for each network.

    Of the networks that asked last `networks` are remembered; one that is forgotten begins anew.
    """

    def __init__(
        self, burst: int, seconds: float, networks: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._seconds = seconds
        self._networks = networks
        self._clock = clock
        # When each has its whole burst again.
        self._full: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def count(self, request: Request) -> None:
        """Count one request; raises Throttled when its network is too fast.

        This machine is not counted: it is an operator, or a proxy for everybody that no setting tells of.
        """
        address = client_address(request)
        if address is None or address.is_loopback:
            return
        wait = self._wait(client_network(request))
        if wait > 0:
            raise Throttled(math.ceil(wait), "You ask faster than we can answer everybody. Please wait a little.")

    def _wait(self, network: str) -> float:
        """Seconds until the network may ask, 0 when it may now; that is then counted."""
        now = self._clock()
        with self._lock:
            full = max(now, self._full.get(network, now)) + self._seconds
            wait = full - now - self._burst * self._seconds
            if wait > 0:
                return wait
            self._full[network] = full
            self._full.move_to_end(network)
            if len(self._full) > self._networks:
                self._full.popitem(last=False)
        return 0.0
