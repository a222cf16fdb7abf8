"""The waits between attempts."""

from email.utils import formatdate

import pytest

from shared import clock
from shared.webhooks import ladder


def test_fourteen_attempts_in_93_7_hours():
    assert len(ladder.WAITS) + 1 == 14
    assert sum(ladder.WAITS) == 337_355
    assert ladder.wait(14) is None


def test_each_wait_is_spread_by_a_fifth_both_ways():
    for failures, base in enumerate(ladder.WAITS, 1):
        found = {ladder.wait(failures) for _ in range(300)}
        assert min(found) >= round(base * 0.8)
        assert max(found) <= round(base * 1.2)
        assert len(found) > 1


@pytest.mark.parametrize(("asked", "waited"), [("0", 600), ("599", 600), ("900", 900), ("99999", 1200)])
def test_retry_after_is_followed_between_the_wait_and_twice_that(asked, waited):
    assert ladder.wait(4, asked) == waited


def test_retry_after_may_be_a_date():
    with clock.freeze(1_800_000_000):
        assert ladder.wait(4, formatdate(1_800_000_700, usegmt=True)) == 700
        assert ladder.seconds_of(formatdate(1_700_000_000, usegmt=True)) == 0


@pytest.mark.parametrize(
    "nonsense", ["", "soon", "-5", "1e3", "٣", "9" * 400, "Mon, 99 Foo 2026", f"Mon, 1 Jan {'9' * 30} 00:00:00 GMT"]
)
def test_a_retry_after_that_makes_no_sense_is_passed_over(nonsense):
    assert ladder.seconds_of(nonsense) is None
