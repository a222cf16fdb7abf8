"""The light way to read: the same guards, no objects."""

import pytest
from sqlalchemy import select, update

from shared import ids
from shared.accounts.models import User
from shared.sharding import WrongOwner, allocate_owner, glance, table_of, transaction
from shared.sharding.errors import ScopeMoved
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard

_user = table_of(User)


@pytest.fixture
def owner(fleet) -> int:
    owner = allocate_owner()
    with transaction(owner) as session:
        session.add(User(id=ids.compose(owner, 0), owner=owner, state="active", email="a@b.c", name="A", created_at=1))
    return owner


def test_it_reads_the_owners_rows(owner):
    with glance(owner) as reading:
        assert reading.execute(select(_user.c.name).where(_user.c.owner == owner)).scalar_one() == "A"


@pytest.mark.parametrize(
    "statement",
    [select(_user), update(_user).where(_user.c.owner == 5).values(name="x"), select(_user).where(_user.c.owner == 5)],
)
def test_it_refuses_other_owners_and_every_write(owner, statement):
    with glance(owner) as reading, pytest.raises(WrongOwner):
        reading.execute(statement)


def test_it_refuses_a_shard_that_no_longer_speaks_for_the_owner_and_leaves_no_connection_behind(owner, fleet):
    scope = fleet.placement.lookup("user", owner)
    here = (ScopeState.ks == "user", ScopeState.lo == scope.lo)
    with on_shard(scope.shard, write=True) as session:
        session.execute(update(ScopeState).where(*here).values(mode="gone"))
    try:
        with pytest.raises(ScopeMoved), glance(owner):
            pass
        assert fleet.shards[scope.shard].engine.pool.checkedout() == 0
    finally:
        with on_shard(scope.shard, write=True) as session:
            session.execute(update(ScopeState).where(*here).values(mode="act"))
