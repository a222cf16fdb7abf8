"""Who lives where: first start, allocation policies, carving, and hints that may be lost or old."""

import threading

import pytest
from sqlalchemy import delete, select, update

from shared import ids
from shared.sharding import Fleet, FleetNotReady, allocate_owner, bootstrap, directory, read, transaction, use
from shared.sharding.allocation import buckets_of
from shared.sharding.carve import carve
from shared.sharding.models import BucketAllocation, Placement, ScopeState, Shard
from shared.sharding.placement import rebuild
from shared.sharding.session import on_shard


def shard_of(fleet: Fleet, owner: int) -> str:
    return fleet.placement.lookup("user", owner).shard


def test_the_first_start_gives_every_bucket_one_home_in_equal_parts(fleet):
    homes = [buckets_of(fleet, name) for name in ("u1", "u2")]
    assert [len(each) for each in homes] == [512, 512]
    assert sorted(homes[0] + homes[1]) == list(range(ids.BUCKETS))


def test_every_city_has_a_home_up_to_the_last_possible_id(fleet):
    assert {fleet.placement.lookup("city", key).shard for key in (0, 2_761_369, (1 << 31) - 1)} == {"c1"}


def test_starting_again_changes_nothing(fleet):
    before = fleet.placement.ranges("user")
    bootstrap.initialise(fleet)
    fleet.placement.refresh()
    assert fleet.placement.ranges("user") == before


def test_a_first_start_that_died_half_way_is_finished_by_the_next(fleet):
    with on_shard("u2", write=True) as session:
        session.execute(delete(ScopeState).where(ScopeState.lo >= 700 << ids.NUMBER_BITS))
    bootstrap.initialise(fleet)
    assert len(fleet.placement.ranges("user")) == ids.BUCKETS


def test_a_lost_placement_table_is_rebuilt_from_the_shards(fleet):
    before = fleet.placement.ranges("user")
    with directory() as session:
        session.execute(delete(Placement))
    assert rebuild(fleet) == len(before) + len(fleet.placement.ranges("city"))
    assert fleet.placement.ranges("user") == before


def test_a_database_configured_under_another_shards_name_is_refused(fleet):
    urls = {name: database.url.render_as_string(hide_password=False) for name, database in fleet.shards.items()}
    urls["u1"], urls["u2"] = urls["u2"], urls["u1"]
    crossed = use(Fleet(fleet.directory.url.render_as_string(hide_password=False), urls))
    with pytest.raises(FleetNotReady, match="says that it is shard u2"):
        bootstrap.initialise(crossed)
    crossed.dispose()
    use(fleet)


def test_random_allocation_reaches_both_shards_and_never_repeats(fleet):
    owners = [allocate_owner() for _ in range(40)]
    assert len(set(owners)) == 40
    assert {shard_of(fleet, owner) for owner in owners} == {"u1", "u2"}


def test_weighted_allocation_follows_the_weights(fleet):
    with directory() as session:
        session.execute(update(Shard).where(Shard.shard_id == "u1").values(weight=0))
    assert {shard_of(fleet, allocate_owner("weighted")) for _ in range(10)} == {"u2"}
    with directory() as session:
        session.execute(update(Shard).values(weight=1))


def test_range_allocation_fills_the_buckets_of_the_named_shard_in_order(fleet):
    first = buckets_of(fleet, "u2")[0]
    assert [allocate_owner("range:u2") >> ids.NUMBER_BITS for _ in range(3)] == [first] * 3
    with directory() as session:
        full = ids.MAX_NUMBER + 1
        session.execute(update(BucketAllocation).where(BucketAllocation.bucket == first).values(next=full))
    assert allocate_owner("range:u2") >> ids.NUMBER_BITS == first + 1


def test_a_user_of_his_own_gets_a_scope_of_his_own(fleet):
    owner = allocate_owner("own:u1")
    found = fleet.placement.lookup("user", owner)
    assert (found.lo, found.hi, found.shard) == (owner, owner + 1, "u1")
    for neighbour in (owner - 1, owner, owner + 1):
        with transaction(neighbour):
            pass


def test_a_full_fleet_says_so(fleet):
    with directory() as session:
        session.execute(update(Shard).values(accepts_new=False))
    with pytest.raises(FleetNotReady, match="full"):
        allocate_owner()
    with directory() as session:
        session.execute(update(Shard).values(accepts_new=True))


def test_allocations_at_once_never_give_the_same_id(fleet):
    owners: list[int] = []
    threads = [
        threading.Thread(target=lambda: owners.extend(allocate_owner("range:u1") for _ in range(10))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owners) == len(set(owners)) == 40


def test_an_old_map_is_corrected_by_the_tombstone_it_meets(fleet):
    """The scope moved from u1 to u2 behind our back: the guard names the peer and the session goes there."""
    owner = ids.compose_owner(buckets_of(fleet, "u1")[3], 9)
    scope = fleet.placement.lookup("user", owner)
    with on_shard("u2", write=True) as session:
        session.add(ScopeState(ks="user", lo=scope.lo, hi=scope.hi, mode="act", epoch=2))
    here = (ScopeState.ks == "user", ScopeState.lo == scope.lo)
    with on_shard("u1", write=True) as session:
        session.execute(update(ScopeState).where(*here).values(mode="gone", peer="u2", epoch=2))
    try:
        with read(owner) as session:
            assert session.database.name == "u2"
    finally:
        with on_shard("u1", write=True) as session:
            session.execute(update(ScopeState).where(*here).values(mode="act", peer=None, epoch=1))
        with on_shard("u2", write=True) as session:
            session.execute(delete(ScopeState).where(*here))
        fleet.placement.refresh()


def test_carving_twice_is_refused_rather_than_repeated_wrongly(fleet):
    lo = buckets_of(fleet, "u1")[5] << ids.NUMBER_BITS
    carve("user", lo + 10, lo + 20)
    with on_shard("u1") as session:
        pieces = session.execute(
            select(ScopeState.lo, ScopeState.hi).where(ScopeState.lo >= lo, ScopeState.lo < lo + (1 << ids.NUMBER_BITS))
        ).all()
    assert [tuple(piece) for piece in pieces] == [
        (lo, lo + 10),
        (lo + 10, lo + 20),
        (lo + 20, lo + (1 << ids.NUMBER_BITS)),
    ]
    carve("user", lo + 10, lo + 20)
