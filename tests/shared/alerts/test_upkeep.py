"""The room stays in order: keys follow the words of the search, and what is over is forgotten."""

from sqlalchemy import func, select

from shared import alerts, clock, ids
from shared.accounts.models import User
from shared.alerts import SearchMatch
from shared.alerts.upkeep import DROP_SECONDS, MATCH_SECONDS, UNCONFIRMED_SECONDS
from shared.listings import search_document
from shared.search import open_index, words_path
from shared.search.words import WordsFile
from shared.sharding import current, on_shard, read
from tests.factories.alerts import change, favourite, saved, saved_by_guest, search
from tests.factories.listings import published, seller
from tests.factories.search import document
from tests.factories.settings import settings

LISTING = ids.compose(77, 1)


def everywhere(some, *arguments) -> int:
    return sum(some(shard, *arguments) for shard in current().names("user"))


def matches() -> int:
    found = 0
    for shard in current().names("user"):
        with on_shard(shard) as session:
            found += session.execute(select(func.count()).select_from(SearchMatch)).scalar_one()
    return found


def test_a_synonym_that_staff_add_finds_searches_that_were_saved_before(fleet, tmp_path):
    ours = settings(tmp_path)
    index = open_index(ours)
    index.rebuild([], {})
    searches = sorted(saved(seller(), "velocipede") for _ in range(6))
    compare, maker, listing = alerts.matcher(ours), alerts.key_maker(ours, index), document(1, "Penny farthing")
    assert compare.searches(listing) == []
    WordsFile(words_path(ours)).add_synonym(["velocipede", "penny farthing"])
    assert everywhere(alerts.renew_keys, maker) == 0, "the index still reads the old way"
    index.rebuild([], {})
    assert everywhere(alerts.renew_keys, maker, 2) == 6
    assert everywhere(alerts.renew_keys, maker) == 0
    assert compare.searches(listing) == searches


def test_an_index_built_anew_with_the_same_words_changes_nothing(fleet, tmp_path):
    ours = settings(tmp_path)
    maker = alerts.key_maker(ours, open_index(ours))
    saved(seller())
    open_index(ours).rebuild([], {})
    assert everywhere(alerts.renew_keys, maker) == 0


def test_a_search_that_nobody_confirmed_is_forgotten_with_its_guest(fleet):
    with clock.freeze(clock.now() - UNCONFIRMED_SECONDS - 1):
        forgotten, confirmed, mine = saved_by_guest("a@example.org"), saved_by_guest("b@example.org"), saved(seller())
        change(confirmed, alerts.confirm)
    young = saved_by_guest("c@example.org")
    assert everywhere(alerts.forget_unconfirmed) == 1
    assert everywhere(alerts.forget_unconfirmed) == 0
    for left in (confirmed, mine, young):
        assert search(left).id == left
    with on_shard(current().placement.lookup("user", ids.owner_of(forgotten)).shard) as session:
        assert session.get(User, ids.compose(ids.owner_of(forgotten), 0)) is None


def test_matches_are_kept_for_half_a_year(fleet):
    one = saved(seller())
    with clock.freeze(clock.now() - MATCH_SECONDS - 1):
        alerts.note_matches(LISTING, 1, [one])
    alerts.note_matches(LISTING + 1, 1, [one])
    assert everywhere(alerts.forget_matches) == 1
    assert matches() == 1


def test_price_drops_are_kept_for_a_month(fleet):
    friend, listing = seller(), published(seller())
    favourite(friend, listing, 20_000)
    with read(ids.owner_of(listing)) as session:
        row = search_document(session, listing)
    with clock.freeze(clock.now() - DROP_SECONDS - 1):
        assert row is not None
        alerts.note_price(row)
    assert everywhere(alerts.forget_drops) == 1
    assert everywhere(alerts.forget_drops) == 0
