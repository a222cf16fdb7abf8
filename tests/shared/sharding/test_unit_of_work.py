"""A unit of work is run again as a whole when the database asks for it, and never half."""

import threading

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shared import clock, ids
from shared.accounts.models import User
from shared.sharding import (
    Family,
    allocate_owner,
    idempotency,
    next_id,
    read,
    redeem,
    remember,
    transaction,
    unit_of_work,
)
from shared.sharding.errors import ScopeMoved, WrongOwner
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard


def set_mode(fleet, owner: int, mode: str, peer: str | None = None) -> None:
    scope = fleet.placement.lookup("user", owner)
    with on_shard(scope.shard, write=True) as session:
        session.execute(
            update(ScopeState).where(ScopeState.ks == "user", ScopeState.lo == scope.lo).values(mode=mode, peer=peer)
        )


def add_user(session) -> None:
    session.add(
        User(
            id=ids.compose(session.owner, 0), owner=session.owner, state="active", email="a@b.c", name="A", created_at=1
        )
    )


def test_a_writer_waits_out_a_short_freeze_and_then_writes_once(fleet):
    owner = allocate_owner()
    set_mode(fleet, owner, "frz")
    thaw = threading.Timer(0.05, set_mode, (fleet, owner, "act"))
    thaw.start()
    try:
        unit_of_work(owner, add_user)
    finally:
        thaw.join()
    with read(owner) as session:
        assert len(session.execute(select(User.id).where(User.owner == owner)).all()) == 1


def test_work_that_meets_a_moved_scope_is_run_again_as_a_whole(fleet):
    owner, runs = allocate_owner(), []

    def work(session) -> int:
        add_user(session)
        session.flush()
        runs.append(session)
        if len(runs) < 3:
            raise ScopeMoved("user", owner, session.database.name)
        return 7

    assert unit_of_work(owner, work) == 7
    assert len(set(map(id, runs))) == 3, "each run has a session of its own"
    with read(owner) as session:
        assert len(session.execute(select(User.id).where(User.owner == owner)).all()) == 1


def test_a_scope_that_stays_away_is_given_up_after_five_attempts(fleet):
    owner = allocate_owner()
    set_mode(fleet, owner, "gone")
    try:
        with pytest.raises(ScopeMoved):
            unit_of_work(owner, add_user)
    finally:
        set_mode(fleet, owner, "act")


def test_an_error_of_the_work_itself_is_not_retried_and_leaves_nothing(fleet):
    owner, runs = allocate_owner(), []

    def work(session) -> None:
        runs.append(1)
        add_user(session)
        session.flush()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        unit_of_work(owner, work)
    assert runs == [1]
    with read(owner) as session:
        assert session.execute(select(User.id).where(User.owner == owner)).first() is None


def test_two_writers_of_one_owner_never_lose_an_update(fleet):
    """Read-modify-write from four threads: MariaDB reports deadlocks and lock waits, SQLite queues; nothing is lost."""
    owner = allocate_owner()
    unit_of_work(owner, add_user)

    def bump(session) -> None:
        user = session.execute(select(User).where(User.owner == owner).with_for_update()).scalar_one()
        user.created_at += 1

    def ten() -> None:
        for _ in range(10):
            unit_of_work(owner, bump)

    threads = [threading.Thread(target=ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read(owner) as session:
        assert session.scalar(select(User.created_at).where(User.owner == owner)) == 41


def test_a_session_that_reads_refuses_to_write(fleet):
    owner = allocate_owner()
    with read(owner) as session:
        add_user(session)
        with pytest.raises(WrongOwner, match="only reads"):
            session.flush()
        session.rollback()
    with read(owner) as session, pytest.raises(WrongOwner, match="only reads"):
        session.execute(update(User).where(User.owner == owner).values(name="x"))


def test_a_request_key_gives_the_first_result_again_and_two_at_once_cannot_both_win(fleet):
    owner, key = allocate_owner(), b"0123456789abcdef"

    def once(session) -> int:
        if (earlier := redeem(session, key)) is not None:
            return earlier
        listing = next_id(session, Family.LISTING)
        remember(session, key, listing)
        return listing

    assert unit_of_work(owner, once) == unit_of_work(owner, once)
    with pytest.raises(IntegrityError), transaction(owner) as session:
        remember(session, key, 1)


def test_request_keys_are_forgotten_after_a_week_and_not_before(fleet):
    owner, key = allocate_owner(), b"0123456789abcdef"
    unit_of_work(owner, lambda session: remember(session, key, 1))
    shard = fleet.placement.lookup("user", owner).shard
    with clock.freeze(clock.now() + idempotency.KEEP_SECONDS - 60):
        assert idempotency.forget(shard) == 0
    with clock.freeze(clock.now() + idempotency.KEEP_SECONDS + 60):
        assert idempotency.forget(shard) == 1
        assert idempotency.forget(shard) == 0
    with read(owner) as session:
        assert redeem(session, key) is None


def test_a_commit_in_the_middle_still_meets_the_guard(fleet):
    owner = allocate_owner()
    try:
        with pytest.raises(ScopeMoved), transaction(owner) as session:
            session.commit()
            set_mode(fleet, owner, "gone")
            session.execute(select(User.id).where(User.owner == owner))
    finally:
        set_mode(fleet, owner, "act")
