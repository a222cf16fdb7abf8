"""Purging over all rooms: listings and drafts, the guests who had nothing else, what closed accounts had besides
listings, and the photo files left behind.

Each listing is a transaction of its own and each file goes by itself, so a run that dies is finished by the next.
"""

from collections import Counter
from functools import partial
from itertools import islice

from shared import alerts, clock, listings, messaging, newsletters, preferences, sharding
from shared.gateways.blobs import Blobs
from shared.ids import owner_of
from shared.sharding import OwnerSession, unit_of_work

# Nobody takes so long from storing a photo to naming it.
GRACE_SECONDS = 86_400
# So many names are held in memory; every so many, all photos are read once.
FILES_AT_ONCE = 500_000


def purge_listings() -> Counter[str]:
    """Delete what is past its time; returns how many of "removed", "draft" and "guest"."""
    gone: Counter[str] = Counter()
    for shard in sharding.current().names("user"):
        while batch := sum((_purge(each) for each in listings.over(shard)), Counter[str]()):
            gone += batch
    return gone


def _purge(listing_id: int) -> Counter[str]:
    return unit_of_work(owner_of(listing_id), partial(_purge_with_guest, listing_id=listing_id))


def _purge_with_guest(session: OwnerSession, listing_id: int) -> Counter[str]:
    state = listings.purge(session, listing_id)
    if state is None:
        return Counter()
    if alerts.searches(session) or not listings.forget_guest(session):
        return Counter([state])
    messaging.forget_all(session)
    newsletters.forget(session)
    preferences.forget(session)
    return Counter([state, "guest"])


def forget_belongings(session: OwnerSession) -> None:
    """Delete the messages, favourites, saved searches and decisions about mail of the session's owner, whose closed
    account is forgotten. What he wrote to others stays with them."""
    messaging.forget_all(session)
    listings.forget_favourites(session)
    alerts.forget_all(session)
    newsletters.forget(session)
    preferences.forget(session)


def sweep_files(store: Blobs, at_once: int = FILES_AT_ONCE) -> Counter[str]:
    """Remove files that nothing has named for a day; returns how many "photo" and "unfinished" ones.

    A file that somebody is about to name is younger than that: the store compares its age once more, in the moment of
    removing it.
    """
    before = clock.now() - GRACE_SECONDS
    gone: Counter[str] = Counter()
    old = store.list(before)
    while some := list(islice(old, at_once)):
        gone["photo"] += sum(store.remove(name, before) for name in listings.unnamed(some))
    gone["unfinished"] = store.remove_unfinished(before)
    return gone
