"""Who speaks for whom, by what the shards themselves say: for whoever must be sure to have asked about everybody."""

from sqlalchemy import select

from shared.sharding.errors import FleetNotReady
from shared.sharding.fleet import current
from shared.sharding.models import ScopeState
from shared.sharding.placement import KEYS_END, Range
from shared.sharding.session import on_shard


def coverage(keyspace: str) -> list[Range]:
    """The keyspace as runs of keys in order, each with the shard that speaks for it; carving a range changes nothing.

    Raises FleetNotReady unless every key has exactly one shard: a shard may be missing from the settings, or a range
    is being handed over at this moment.
    """
    runs: list[Range] = []
    end = 0
    for each in sorted(scope for name in current().names(keyspace) for scope in _spoken_for(name, keyspace)):
        if each.lo != end:
            break
        end = each.hi
        if runs and runs[-1].shard == each.shard:
            runs[-1] = runs[-1]._replace(hi=end)
        else:
            runs.append(each)
    if end != KEYS_END[keyspace]:
        raise FleetNotReady(f"not every {keyspace} has one shard at this moment (from {keyspace} {end} on)")
    return runs


def _spoken_for(shard: str, keyspace: str) -> list[Range]:
    statement = select(ScopeState.lo, ScopeState.hi).where(
        ScopeState.ks == keyspace, ScopeState.mode.in_(("act", "jrn", "frz"))
    )
    with on_shard(shard) as session:
        return [Range(lo, hi, shard) for lo, hi in session.execute(statement)]
