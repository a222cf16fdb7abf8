"""One owner, one shard, one guarded session."""

import pytest
from sqlalchemy import insert, select, update

from shared import ids
from shared.accounts.models import User
from shared.events import EventRow, NewUserSignup, record
from shared.sharding import Family, WrongOwner, allocate_owner, fan_out, next_ids, read, total, transaction
from shared.sharding.errors import ScopeMoved
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard, unit_of_work


def user(owner: int, **values: object) -> User:
    fields = {"state": "active", "email": "a@example.org", "name": "Ada", "created_at": 1, **values}
    return User(id=ids.compose(owner, 0), owner=owner, **fields)


def two_owners_on_different_shards(fleet) -> tuple[int, int]:
    found: dict[str, int] = {}
    while len(found) < 2:
        owner = allocate_owner()
        found[fleet.placement.lookup("user", owner).shard] = owner
    return found["u1"], found["u2"]


def test_a_row_written_in_a_transaction_is_read_back_from_the_owners_shard(fleet):
    one, two = two_owners_on_different_shards(fleet)
    for owner in (one, two):
        with transaction(owner) as session:
            session.add(user(owner))
    for owner in (one, two):
        with read(owner) as session:
            assert session.execute(select(User.owner).where(User.owner == owner)).scalar_one() == owner


def test_a_row_of_another_owner_is_refused_at_the_flush(fleet):
    one, two = two_owners_on_different_shards(fleet)
    with pytest.raises(WrongOwner), transaction(one) as session:
        session.add(user(two))
    with read(two) as session:
        assert session.execute(select(User.id).where(User.owner == two)).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        select(User),
        select(User).where(User.state == "active"),
        select(User).where((User.owner == 5) | (User.state == "active")),
        update(User).values(name="x"),
        select(User.name, EventRow.id).where(User.owner == 5),
    ],
)
def test_a_statement_that_does_not_name_its_owner_is_refused(fleet, statement):
    owner = allocate_owner()
    with pytest.raises(WrongOwner), transaction(owner) as session:
        session.execute(statement)


def test_statements_that_name_the_owner_pass(fleet):
    owner = allocate_owner()
    with transaction(owner) as session:
        session.add(user(owner))
        record(session, NewUserSignup(user=owner))
        session.flush()
        session.execute(update(User).where(User.owner == owner).values(name="B"))
        joined = (
            select(User.name, EventRow.type).join(EventRow, EventRow.owner == User.owner).where(User.owner == owner)
        )
        assert session.execute(joined).one() == ("B", "NewUserSignup")
        assert session.get(User, ids.compose(owner, 0)).name in ("Ada", "B")
        with pytest.raises(WrongOwner):
            session.execute(insert(EventRow), [{"owner": owner + 1}])


def test_a_frozen_or_handed_over_scope_refuses_writers(fleet):
    owner = allocate_owner()
    scope = fleet.placement.lookup("user", owner)
    here = (ScopeState.ks == "user", ScopeState.lo == scope.lo)
    with on_shard(scope.shard, write=True) as session:
        session.execute(update(ScopeState).where(*here).values(mode="frz"))
    try:
        with read(owner):
            pass
        with pytest.raises(ScopeMoved), transaction(owner):
            pass
        with on_shard(scope.shard, write=True) as session:
            session.execute(update(ScopeState).where(*here).values(mode="gone"))
        with pytest.raises(ScopeMoved), read(owner):
            pass
    finally:
        with on_shard(scope.shard, write=True) as session:
            session.execute(update(ScopeState).where(*here).values(mode="act"))


def test_sequences_are_gap_free_and_know_their_owner(fleet):
    owner = allocate_owner()
    with transaction(owner) as session:
        first = next_ids(session, Family.LISTING, 3)
        second = next_ids(session, Family.LISTING, 2)
        other = next_ids(session, Family.PHOTO, 1)
    assert [ids.owner_of(id) for id in (*first, *second)] == [owner] * 5
    assert list(first) + list(second) == list(range(first[0], first[0] + 5))
    assert other[0] == first[0]


def test_a_fan_out_counts_every_shard_once(fleet):
    for owner in two_owners_on_different_shards(fleet):
        unit_of_work(owner, lambda session, owner=owner: session.add(user(owner)))
    from sqlalchemy import func

    assert fan_out(select(func.count()).select_from(User), keyspace="user", merge=total) == 2
