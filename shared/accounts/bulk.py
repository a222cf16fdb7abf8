"""Many accounts at once, for imports and demo data: the rows that a confirmed sign-up leaves, without the mails."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import insert

from shared import clock, ids
from shared.accounts.models import User
from shared.sharding import allocate_owners, bulk, by_shard, directory
from shared.sharding.models import Claim, ClaimFence


class NewAccount(NamedTuple):
    """An account to be made; the address must be normalised and claimed by nobody."""

    email: str
    name: str


def create_many(accounts: Sequence[NewAccount], password_hash: str) -> dict[int, NewAccount]:
    """Make confirmed accounts that share one password hash; returns them by owner.

    Fails as a whole, before any account exists, when an address is taken.
    """
    made = dict(zip(allocate_owners(len(accounts)), accounts, strict=True))
    tokens = {owner: secrets.token_bytes(16) for owner in made}
    now = clock.now()
    claim = {"kind": "email", "state": "active", "expires_at": now}
    with directory() as session:
        rows = [
            {**claim, "value_norm": new.email, "owner": owner, "token": tokens[owner]} for owner, new in made.items()
        ]
        session.execute(insert(Claim), rows)
    for shard, owners in by_shard("user", made).items():
        with bulk(shard, "user", owners) as session:
            session.execute(
                insert(ClaimFence), [{"token": tokens[owner], "owner": owner, "verdict": "used"} for owner in owners]
            )
            session.execute(insert(User), [_row(owner, made[owner], password_hash, now) for owner in owners])
    return made


def _row(owner: int, new: NewAccount, password_hash: str, now: int) -> dict[str, object]:
    return {
        "id": ids.compose(owner, 0),
        "owner": owner,
        "state": "active",
        "email": new.email,
        "name": new.name,
        "password_hash": password_hash,
        "created_at": now,
        "confirmed_at": now,
        "closed_at": None,
    }
