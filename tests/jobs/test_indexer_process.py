"""The indexer as the process it is: one at a time, stopped by a signal, followed by another when killed."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared import listings
from shared.events.relay import number_pending
from shared.search import IndexUnavailable, SearchRequest
from shared.search.whoosh_index import WhooshIndex
from shared.sharding import current
from tests.factories.listings import change, published, seller

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90


@contextmanager
def indexer(environment):
    command = [sys.executable, "-m", "jobs.indexer"]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition):
    """Wait until `condition()` holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.02)


def relay():
    for shard in current().names("user"):
        number_pending(shard)


@pytest.fixture
def found(tmp_path):
    index = WhooshIndex(tmp_path / "var" / "index")

    def _found(text):
        try:
            return {hit.listing for hit in index.search(SearchRequest(text)).hits}
        except IndexUnavailable:
            return None

    return _found


def test_it_follows_what_is_published_and_removed_and_a_signal_ends_it_well(environment, found):
    with indexer(environment) as process:
        until(lambda: found("cupboard") == set())
        listing = published(seller(), title="Walnut cupboard")
        relay()
        until(lambda: found("cupboard") == {listing})
        change(listing, listings.remove)
        relay()
        until(lambda: found("cupboard") == set())
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_second_indexer_waits_for_the_end_of_the_first_and_takes_over(environment, found):
    with indexer(environment) as first, indexer(environment):
        until(lambda: found("cupboard") == set())
        first.kill()
        listing = published(seller(), title="Walnut cupboard")
        relay()
        until(lambda: found("cupboard") == {listing})
