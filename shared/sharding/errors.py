"""What can go wrong between a unit of work and the database that should hold it."""

from shared.errors import MarketError


class ScopeMoved(MarketError):
    """This database no longer (or not yet) speaks for the owner; `peer` names the shard to ask, when known."""

    code = "scope_moved"
    permanent = False

    def __init__(self, keyspace: str, key: int, shard: str, peer: str | None = None) -> None:
        super().__init__(f"{keyspace} {key} is not on shard {shard}" + (f", ask {peer}" if peer else ""))
        self.keyspace, self.key, self.shard, self.peer = keyspace, key, shard, peer


class WrongOwner(MarketError):
    """A programming error: a statement or a row that does not belong to the session's owner."""

    code = "wrong_owner"


class FleetNotReady(MarketError):
    """A database is missing, not migrated, or newer than this code; the message says which and what to do."""

    code = "fleet_not_ready"
