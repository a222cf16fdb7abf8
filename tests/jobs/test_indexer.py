"""From a change of a listing to the index: what is published is found, what is gone is not, whatever comes between."""

import pytest

from jobs import indexer
from jobs.cli import search as command
from shared import listings
from shared.events import feed_end
from shared.events.relay import number_pending
from shared.listings import Listing
from shared.search import Delete, IndexUnavailable, SearchRequest
from shared.search.documents import all_documents, changes_of, feed_positions
from shared.search.whoosh_index import WhooshIndex
from shared.sharding import current, transaction
from tests.factories.indexing import catch_up
from tests.factories.listings import VIENNA, change, details, draft, published, seller


@pytest.fixture
def index(fleet, tmp_path):
    return WhooshIndex(tmp_path / "index", check_seconds=0)


def found(index, text):
    return {hit.listing for hit in index.search(SearchRequest(text)).hits}


def sellers_on_both_shards():
    """Two owners whose home shards differ."""
    owners = {}
    while len(owners) < 2:
        owner = seller()
        owners[current().placement.lookup("user", owner).shard] = owner
    return [owners[shard] for shard in sorted(owners)]


def test_listings_of_every_shard_are_found_when_published_and_not_before(index):
    catch_up(index)
    waiting = [draft(owner, title="Walnut cupboard") for owner in sellers_on_both_shards()]
    catch_up(index)
    assert found(index, "cupboard") == set()
    for listing in waiting:
        change(listing, listings.publish)
    catch_up(index)
    assert found(index, "cupboard") == set(waiting)
    assert index.cursor().positions == feed_positions()


@pytest.mark.parametrize("leave", [listings.mark_sold, listings.remove])
def test_what_is_sold_or_removed_is_gone(index, leave):
    kept, gone = (published(seller(), title="Walnut cupboard") for _ in range(2))
    catch_up(index)
    change(gone, leave)
    catch_up(index)
    assert found(index, "cupboard") == {kept}


def test_an_edit_is_found_as_it_is_now(index):
    listing = published(seller(), title="Walnut cupboard")
    catch_up(index)
    change(listing, listings.edit, details(title="Oak table", price_kind="free", price_amount=None, city=VIENNA))
    catch_up(index)
    assert found(index, "cupboard") == set()
    page = index.search(SearchRequest("oak table", city=VIENNA, region="AT.09", country="AT", price_max=0))
    assert [tuple(hit) for hit in page.hits] == [(listing, VIENNA)]


def test_a_reserved_listing_stays(index):
    listing = published(seller(), title="Walnut cupboard")
    change(listing, listings.reserve)
    catch_up(index)
    assert found(index, "cupboard") == {listing}


def test_a_missing_index_is_built_from_sql(index):
    listing = published(seller(), title="Walnut cupboard")
    assert indexer.step(index)
    assert found(index, "cupboard") == {listing}


def test_a_broken_index_is_built_anew(index, tmp_path):
    listing = published(seller(), title="Walnut cupboard")
    catch_up(index)
    for file in (tmp_path / "index").glob("index.*/*.toc"):
        file.unlink()
    indexer.check(index)
    assert found(index, "cupboard") == {listing}


def test_an_index_that_a_visitor_found_broken_is_built_anew(index, tmp_path):
    listing = published(seller(), title="Walnut cupboard")
    catch_up(index)
    next((tmp_path / "index").glob("index.*/*.toc")).unlink()
    with pytest.raises(IndexUnavailable):
        WhooshIndex(tmp_path / "index").search(SearchRequest("cupboard"))
    catch_up(index)
    assert found(index, "cupboard") == {listing}


def test_what_changes_during_a_rebuild_is_replayed(index):
    first = published(seller(), title="Walnut cupboard")
    catch_up(index)

    def while_reading():
        yield from all_documents()
        published(seller(), title="Oak cupboard")
        change(first, listings.remove)

    index.rebuild(while_reading(), feed_positions())
    assert found(index, "walnut") == {first}
    catch_up(index)
    assert len(found(index, "cupboard")) == 1 and found(index, "walnut") == set()


def test_a_replay_from_the_beginning_changes_nothing(index):
    kept = published(seller(), title="Walnut cupboard")
    gone = published(seller(), title="Walnut cupboard")
    change(gone, listings.remove)
    catch_up(index)
    index.rebuild([], {})
    catch_up(index)
    assert found(index, "cupboard") == {kept}


def test_an_index_ahead_of_its_databases_is_built_anew(index):
    listing = published(seller(), title="Walnut cupboard")
    index.rebuild([], {"u1": 10**6, "u2": 10**6})
    indexer.check(index)
    assert found(index, "cupboard") == {listing}
    assert index.cursor().positions == feed_positions()


def test_a_listing_that_does_not_fit_is_left_out_and_the_others_go_on(index):
    catch_up(index)
    owner = seller()
    bad, good = (published(owner, title="Walnut cupboard") for _ in range(2))
    with transaction(owner) as session:
        session.get(Listing, bad).price_amount = -5
    catch_up(index)
    assert found(index, "cupboard") == {good}


def test_a_place_that_is_no_longer_known_takes_the_listing_out(fleet):
    owner = seller()
    listing = published(owner)
    with transaction(owner) as session:
        session.get(Listing, listing).city = 1
    assert changes_of([listing]) == [Delete(listing)]
    assert list(all_documents()) == []


def test_the_positions_are_the_ends_of_the_feeds(fleet):
    assert feed_positions() == {"u1": 0, "u2": 0}
    owner = seller()
    published(owner)
    shard = current().placement.lookup("user", owner).shard
    assert feed_end(shard) == 0
    number_pending(shard)
    assert feed_end(shard) == 1


def test_the_commands_print_what_an_operator_asks_for(index, capsys):
    assert command._status(index) == 1
    listing = published(seller(), title="Second-hand walnut cupboard")
    assert command.rebuild(index) == 0
    assert command._status(index) == 0
    assert command._explain(index, "2nd hand cupboards") == 0
    out = capsys.readouterr().out
    assert "there is no search index yet" in out and "1 listings indexed" in out and "documents  1" in out
    assert "wants   secondhand" in out and "Second-hand walnut cupboard" in out
    change(listing, listings.remove)
    command._explain(index, "cupboard")
    assert "not on view any more" in capsys.readouterr().out


def test_a_site_that_grew_learns_the_words_of_its_new_listings(index):
    catch_up(index)
    published(seller(), title="Walnut cupboard")
    catch_up(index)
    assert index.search(SearchRequest("cuppboard")).corrected is None
    indexer.check(index)
    assert index.search(SearchRequest("cuppboard")).corrected == "cupboard"
    build = index.cursor().index
    indexer.check(index)
    assert index.cursor().index == build
