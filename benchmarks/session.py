"""What routing and guards cost: a page of six statements in the sharding session and in one plain session."""

import argparse
import statistics
import tempfile
from pathlib import Path

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.orm import Session

from benchmarks import report
from benchmarks.rounds import compare, ratio
from shared import ids
from shared.accounts.models import User
from shared.events import EventRow
from shared.listings.models import Favourite, Listing, Photo
from shared.messaging import Message
from shared.migrations import upgrade_all
from shared.sharding import Fleet, allocate_owner, current, read, transaction, use

TARGET = 1.08
_MINE = bindparam("mine")
# Six reads that a seller's page could make: objects where something may change, plain rows elsewhere.
_PAGE = (
    select(User).where(User.owner == _MINE),
    select(Listing).where(Listing.owner == _MINE).order_by(Listing.id.desc()).limit(20),
    select(Photo.listing, Photo.width, Photo.height).where(Photo.owner == _MINE).limit(50),
    select(Favourite.listing, Favourite.city).where(Favourite.owner == _MINE).limit(20),
    select(func.count()).select_from(Message).where(Message.owner == _MINE),
    select(EventRow.id, EventRow.type, EventRow.at).where(EventRow.owner == _MINE).limit(20),
)


def main(argv: list[str]) -> int:
    """Print the ratio and write docs/performance.md; the exit status says whether it is within the target."""
    parser = argparse.ArgumentParser(prog="bench session", description=__doc__)
    parser.add_argument("--rounds", type=int, default=61)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        measured = measure(Path(home), options.rounds)
    text = (
        f"A page of six statements takes {measured['plain'] * 1e6:,.0f} µs of CPU in one plain session and "
        f"{measured['sharded'] * 1e6:,.0f} µs in the sharding session.\n"
        f"Ratio {measured['ratio']:.3f}, the median of {options.rounds} rounds in turn; target at most {TARGET}."
    )
    print(text)
    report.write("session", text)
    return 0 if measured["ratio"] <= TARGET else 1


def measure(home: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of a page both ways, and the median ratio, on fresh SQLite databases under `home`."""
    shards = {name: f"sqlite:///{home}/{name}.sqlite" for name in ("u1", "u2", "c1")}
    fleet = use(Fleet(f"sqlite:///{home}/directory.sqlite", shards))
    upgrade_all(fleet)
    owner = allocate_owner()
    _fill(owner)
    engine = current().shard(current().placement.lookup("user", owner).shard).reader
    found = compare({"plain": lambda: _plain(engine, owner), "sharded": lambda: _sharded(owner)}, rounds=rounds)
    fleet.dispose()
    medians = {name: statistics.median(values) for name, values in found.items()}
    return medians | {"ratio": ratio(found["sharded"], found["plain"])}


def _plain(engine: Engine, owner: int) -> None:
    with Session(engine) as session:
        _read(session, owner)


def _sharded(owner: int) -> None:
    with read(owner) as session:
        _read(session, owner)


def _read(session: Session, owner: int) -> None:
    for statement in _PAGE:
        session.execute(statement, {"mine": owner}).all()


def _fill(owner: int) -> None:
    with transaction(owner) as session:
        session.add(
            User(id=ids.compose(owner, 0), owner=owner, state="active", email="a@b.org", name="Ada", created_at=1)
        )
        session.add_all(_listing(owner, sequence) for sequence in range(1, 31))
        session.add_all(
            Photo(
                id=ids.compose(owner, n), owner=owner, listing=ids.compose(owner, n % 30 + 1), position=0, width=640,
                height=480, alt="", variants={}, created_at=1,
            )
            for n in range(1, 61)
        )  # fmt: skip
        session.add_all(
            Favourite(id=ids.compose(owner, n), owner=owner, listing=n, city=1, created_at=1) for n in range(1, 21)
        )


def _listing(owner: int, sequence: int) -> Listing:
    return Listing(
        id=ids.compose(owner, sequence), owner=owner, state="published", revision=1, title="Oak table",
        body="Solid " * 40, category="furniture", fields={}, price_kind="amount", price_amount=12_000,
        price_currency="EUR", negotiable=False, city=2775220, seller_name="Ada", photo_count=2,
        created_at=1, updated_at=1, published_at=1, expires_at=2,
    )  # fmt: skip
