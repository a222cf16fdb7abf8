"""From publishing to being found, and from removing to being gone: within four seconds."""

import time

from tests.journeys.pages import post
from tests.journeys.site import Site, demo_person, eventually
from tests.journeys.visitor import Visitor

FRESH_SECONDS = 4
TRIES = 3


def test_published_listing_is_found_and_removed_one_gone_within_four_seconds(any_site: Site) -> None:
    """The middle one of three counts: now and then another test has both processors."""
    seller, reader = Visitor(any_site).log_in(*demo_person(10)), Visitor(any_site)
    appeared, left = list[float](), list[float]()
    for number in range(TRIES):
        title = f"Lantern freshness{number}"
        listing = post(seller, title)
        appeared.append(_seconds_until(reader, title, True))
        assert seller.submit(seller.get(f"{listing}/delete")).status == 303
        left.append(_seconds_until(reader, title, False))
    assert sorted(appeared)[TRIES // 2] <= FRESH_SECONDS
    assert sorted(left)[TRIES // 2] <= FRESH_SECONDS


def _seconds_until(reader: Visitor, title: str, listed: bool) -> float:
    started = time.monotonic()

    def probe() -> float | None:
        text = reader.get(f"/search?q={title.replace(' ', '+')}").text
        return time.monotonic() - started if (f">{title}</a>" in text) == listed else None

    return eventually(probe, f"search that {'finds' if listed else 'does not find'} {title!r}", 30)
