"""What is past its time goes in small batches, whoever else is at work on the same rows."""

import threading
import time

import pytest
from sqlalchemy import event, insert, select, text, update

from shared import clock, scheduling
from shared.accounts import throttle
from shared.catalog import forget_tombstones
from shared.catalog.models import TOMBSTONES
from shared.events import EventRow, InboxRow, NewUserSignup, acknowledge, record_many
from shared.events.relay import KEEP_SECONDS, forget_events, forget_marks, number_pending
from shared.sharding import allocate_owner, directory, idempotency, on_shard, remember, table_of, transaction
from shared.sharding.forgetting import forget_in_directory
from shared.sharding.models import OwnerSequence, ScopeState, Throttle
from tests.factories.plans import plans

SECONDS = 60


def old_events(count: int) -> range:
    """Events of somebody on u1 that are past their time, each with a consumer's mark."""
    owner = allocate_owner("range:u1")
    with clock.freeze(clock.now() - KEEP_SECONDS - 1), transaction(owner) as session:
        found = record_many(session, [NewUserSignup(user=owner)] * count)
        for each in found:
            acknowledge(session, "collect", each)
    number_pending("u1")
    return found


def kept(model) -> int:
    with on_shard("u1") as session:
        return len(session.scalars(select(model)).all())


def set_counters(count: int, expires_at: int) -> None:
    rows = [{"key": bytes([n] * 16), "window": 0, "count": 1, "expires_at": expires_at} for n in range(count)]
    with directory() as session:
        session.execute(insert(Throttle), rows)


def test_no_transaction_deletes_more_than_its_batch_and_the_last_finds_nothing(fleet):
    old_events(7)
    assert [forget_events("u1", limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert [forget_marks("u1", limit=5) for _ in range(3)] == [5, 2, 0]


def test_a_job_that_died_between_two_batches_is_finished_by_the_next(fleet):
    old_events(5)
    assert forget_events("u1", limit=2) == 2
    assert (kept(EventRow), kept(InboxRow)) == (3, 5)
    assert forget_events("u1") == 3
    assert forget_marks("u1") == 5
    assert (kept(EventRow), kept(InboxRow)) == (0, 0)


def test_fresh_rows_stay(fleet):
    owner = allocate_owner("range:u1")
    with transaction(owner) as session:
        (one,) = record_many(session, [NewUserSignup(user=owner)])
        acknowledge(session, "collect", one)
    number_pending("u1")
    assert forget_events("u1") == forget_marks("u1") == 0
    assert (kept(EventRow), kept(InboxRow)) == (1, 1)


def test_rows_of_a_range_that_another_shard_speaks_for_are_left_alone(fleet):
    owner = old_events(2)[0] >> 22
    scope = fleet.placement.lookup("user", owner)
    with on_shard("u1", write=True) as session:
        session.get(ScopeState, ("user", scope.lo)).mode = "mir"
    try:
        assert forget_events("u1") == forget_marks("u1") == 0
    finally:
        with on_shard("u1", write=True) as session:
            session.get(ScopeState, ("user", scope.lo)).mode = "act"
    assert forget_events("u1") == 2


def test_a_row_that_was_given_more_time_after_it_was_found_stays(fleet):
    set_counters(2, clock.now() - 1)
    renewed = update(Throttle).where(Throttle.key == bytes([1] * 16)).values(expires_at=clock.now() + 100)

    def renew(*_statement: object) -> None:
        with directory() as session:
            session.execute(renewed)

    event.listen(fleet.directory.engine, "after_cursor_execute", renew, once=True)
    throttle.forget_expired()
    with directory(write=False) as session:
        assert session.scalars(select(Throttle.key)).all() == [bytes([1] * 16)]


def test_a_batch_that_loses_a_deadlock_is_run_again(fleet, database):
    """A rival holds the last row that the batch wants, and then asks for the first, which the batch holds."""
    first, *_, last = old_events(3)
    holding = threading.Event()
    before = deadlocks(database)

    def rival() -> None:
        with on_shard("u1", write=True) as session:
            lock(session, last)
            # MariaDB ends the one that has done less.
            rows = [{"owner": number, "family": 99, "next": 1} for number in range(50)]
            session.execute(insert(OwnerSequence), rows)
            holding.set()
            if database == "mariadb":
                wait_until_somebody_waits()
            lock(session, first)

    def lock(session, id: int) -> None:
        session.execute(update(EventRow).where(EventRow.id == id).values(version=2))

    thread = threading.Thread(target=rival)
    thread.start()
    assert holding.wait(SECONDS)
    try:
        assert forget_events("u1") == 3
    finally:
        thread.join()
    assert kept(EventRow) == 0
    assert deadlocks(database) == before + (database == "mariadb")


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with on_shard("u1") as session:
            if session.execute(text("SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")).all():
                return
        time.sleep(0.15)  # read more often than every 100 ms, this table never changes
    raise AssertionError("nobody waits for the row")


def deadlocks(database: str) -> int:
    if database == "sqlite":
        return 0
    with on_shard("u1") as session:
        return int(session.execute(text("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")).one()[1])


def test_counters_go_in_batches(fleet):
    set_counters(5, clock.now() - 1)
    assert forget_in_directory(table_of(Throttle), Throttle.expires_at <= clock.now(), 2) == 2
    assert throttle.forget_expired(limit=2) == 3


@pytest.mark.sqlite_plans
def test_nothing_old_is_found_by_reading_all_that_is_young(fleet):
    now = clock.now()
    owner = old_events(2)[0] >> 22
    with clock.freeze(1), transaction(owner) as session:
        remember(session, bytes(16), 1)
    set_counters(2, 1)
    with on_shard("c1", write=True) as session:
        session.execute(insert(TOMBSTONES), {"city": 1, "listing": 1, "revision": 1, "at": 1})
    scheduling.enter("probe", [1, 2])
    scheduling.finish("probe", 1, "done")

    found = [
        *plans(fleet.shard("u1"), lambda: (forget_events("u1"), forget_marks("u1"), idempotency.forget("u1"))),
        *plans(fleet.shard("c1"), lambda: forget_tombstones("c1", now)),
        *plans(fleet.directory, lambda: (throttle.forget_expired(), scheduling.forget(now), scheduling.runs())),
        *plans(fleet.directory, lambda: (scheduling.last_ended("probe"), scheduling.find("probe", 1))),
    ]
    assert len([plan for plan in found if "SEARCH" in plan]) >= 13
    # The newest slots are read from the end of their index, and reading stops at the page's end.
    assert not [plan for plan in found if "SCAN" in plan and "ix_run_slot_schedule" not in plan]
    assert not [plan for plan in found if "TEMP B-TREE" in plan]
