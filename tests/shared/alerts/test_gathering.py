"""What was found is gathered: once for each mail, at the hour that its reader chose, whoever runs how often."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from shared import alerts, clock, ids
from shared.alerts.calendar import GATHER_SECONDS, REST_SECONDS
from shared.events import EventRow
from shared.sharding import current, read, unit_of_work
from tests.factories.alerts import change, saved, search
from tests.factories.listings import seller

# A Wednesday, 2026-11-18 15:00 UTC.
NOW = int(datetime(2026, 11, 18, 15, tzinfo=UTC).timestamp())
HOUR, DAY = 3600, 86_400


def listing(number: int) -> int:
    return ids.compose(77, number)


def gathered(owner: int) -> list[int]:
    """The batches that mails are made for, in order."""
    with read(owner) as session:
        ours = (EventRow.owner == owner, EventRow.type == "AlertsGathered")
        return list(session.scalars(select(EventRow.id).where(*ours).order_by(EventRow.id)))


def gather(owner: int) -> int:
    return unit_of_work(owner, alerts.gather)


def told(owner: int, batch: int) -> dict[str, list[int]]:
    with read(owner) as session:
        return {each.search.name: [match.listing for match in each.matches] for each in alerts.found(session, batch)}


@pytest.mark.parametrize(
    ("frequency", "day", "hour", "minute"),
    [("instant", 18, 15, 3), ("daily", 19, 6, 0), ("weekly", 23, 6, 0)],
)
def test_a_mail_is_due_when_its_reader_wants_it(fleet, frequency, day, hour, minute):
    one = saved(seller(), frequency=frequency)
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [one])
    assert datetime.fromtimestamp(search(one).due_at, UTC) == datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_what_comes_within_minutes_is_one_mail_and_then_there_is_a_rest(fleet):
    owner = seller()
    one, other = saved(owner, name="one"), saved(owner, name="other")
    with clock.freeze(NOW):
        for number in range(100):
            alerts.note_matches(listing(number), 1, [one])
        assert gather(owner) == 0, "nothing is due yet"
    with clock.freeze(NOW + GATHER_SECONDS - 1):
        alerts.note_matches(listing(100), 1, [other])
    with clock.freeze(NOW + GATHER_SECONDS):
        assert gather(owner) == 1
        (batch,) = gathered(owner)
        assert {name: len(found) for name, found in told(owner, batch).items()} == {"one": 100, "other": 1}
        alerts.note_matches(listing(101), 1, [other])
        assert search(other).due_at == NOW + GATHER_SECONDS + REST_SECONDS


def test_a_digest_is_one_a_day_though_it_is_run_twice(fleet):
    owner = seller()
    one = saved(owner, frequency="daily")
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [one])
    morning = search(one).due_at
    with clock.freeze(morning):
        assert [gather(owner), gather(owner)] == [1, 0]
        alerts.note_matches(listing(2), 1, [one])
    with clock.freeze(morning + 10 * HOUR):
        assert gather(owner) == 0
    with clock.freeze(morning + DAY):
        assert gather(owner) == 1
    assert [told(owner, batch)["Bicycles"] for batch in gathered(owner)] == [[listing(1)], [listing(2)]]


def test_a_digest_that_was_missed_is_made_when_there_is_somebody_to_make_it(fleet):
    owner = seller()
    one = saved(owner, frequency="weekly")
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [one])
    with clock.freeze(NOW + 40 * DAY):
        shard = current().placement.lookup("user", owner).shard
        assert alerts.due(shard) == {owner}
        assert gather(owner) == 1
        assert alerts.due(shard) == set()


def test_a_daily_search_waits_for_the_morning_though_an_instant_one_is_due(fleet):
    owner = seller()
    instant, daily = saved(owner, name="instant"), saved(owner, name="daily", frequency="daily")
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [instant])
        alerts.note_matches(listing(1), 1, [daily])
    with clock.freeze(NOW + GATHER_SECONDS):
        gather(owner)
    (batch,) = gathered(owner)
    assert told(owner, batch) == {"instant": [listing(1)]}
    assert search(daily).due_at is not None


def test_a_gathering_that_dies_leaves_everything_as_it_was(fleet):
    owner = seller()
    one = saved(owner)
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [one])

    def dies(session) -> None:
        alerts.gather(session)
        raise KeyboardInterrupt

    with clock.freeze(NOW + DAY):
        with pytest.raises(KeyboardInterrupt):
            unit_of_work(owner, dies)
        assert gathered(owner) == []
        assert gather(owner) == 1
    (batch,) = gathered(owner)
    assert told(owner, batch) == {"Bicycles": [listing(1)]}


def test_what_is_paused_or_deleted_before_the_mail_is_made_is_not_told(fleet):
    owner = seller()
    paused, deleted, left = (saved(owner, name=name) for name in ("paused", "deleted", "left"))
    with clock.freeze(NOW):
        alerts.note_matches(listing(1), 1, [paused, deleted, left])
    with clock.freeze(NOW + DAY):
        gather(owner)
    change(paused, alerts.pause)
    change(deleted, alerts.remove)
    (batch,) = gathered(owner)
    assert told(owner, batch) == {"left": [listing(1)]}


def test_how_much_is_new_in_each_search_is_counted(fleet):
    owner = seller()
    one, other = saved(owner), saved(owner)
    with clock.freeze(NOW - 8 * DAY):
        alerts.note_matches(listing(1), 1, [one, other])
    with clock.freeze(NOW):
        alerts.note_matches(listing(2), 1, [one])
        alerts.note_matches(listing(3), 1, [one])
    with read(owner) as session:
        assert alerts.news(session, NOW - 7 * DAY) == {one: 2}
