"""What is received of a body, and whom it is refused to."""

import io

import pytest
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from shared.errors import Throttled
from shared.web import bodies
from shared.web.bodies import Cut, Intake


class Sender(io.BytesIO):
    """A body that does something before its first byte arrives."""

    def __init__(self, data: bytes, first: "list[object]") -> None:
        super().__init__(data)
        self._first = first

    def read(self, size: int | None = -1) -> bytes:
        while self._first:
            self._first.pop()()  # type: ignore[operator]
        return super().read(size)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600_000])
def test_whole_body_is_received(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    with Intake().receive(io.BytesIO(data), size, size, "a") as file:
        assert file.read() == data[:size]


def test_body_beyond_the_limit_is_heard_out_before_it_is_refused() -> None:
    stream = io.BytesIO(b"x" * 5000)
    with pytest.raises(RequestEntityTooLarge):
        Intake().receive(stream, 5000, 4999, "a")
    assert stream.read() == b""


def test_body_beyond_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "DISCARDED", 4000)
    stream = io.BytesIO(b"x" * 5000)
    with pytest.raises(RequestEntityTooLarge):
        Intake().receive(stream, 5000, 1000, "a")
    assert stream.tell() == 0


def test_body_that_ends_early_is_refused() -> None:
    with pytest.raises(Cut):
        Intake().receive(io.BytesIO(b"x" * 4999), 5000, 5000, "a")


@pytest.mark.parametrize("most", [5000, 100])
def test_body_that_comes_too_slowly_is_refused(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", -1.0)
    monkeypatch.setattr(bodies, "BYTES_PER_SECOND", 10_000_000)
    with pytest.raises(RequestTimeout):
        Intake().receive(io.BytesIO(b"x" * 5000), 5000, most, "a")


def test_one_network_cannot_take_every_place() -> None:
    intake = Intake()
    with pytest.raises(Throttled):
        _nested(intake, ["a"] * (bodies.MOST_OF_A_NETWORK + 1))
    _nested(intake, ["a"] * bodies.MOST_OF_A_NETWORK + ["b"])


def test_all_networks_together_cannot_take_more_than_the_places() -> None:
    intake = Intake()
    with pytest.raises(ServiceUnavailable):
        _nested(intake, [str(number) for number in range(bodies.MOST_AT_ONCE + 1)])
    _nested(intake, [str(number) for number in range(bodies.MOST_AT_ONCE)])


def _nested(intake: Intake, networks: list[str]) -> None:
    """Receive a body of each network while those before it are still coming in."""
    network, *others = networks
    more: list[object] = [lambda: _nested(intake, others)] if others else []
    intake.receive(Sender(b"x", more), 1, 1, network).close()
