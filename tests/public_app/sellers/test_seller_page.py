"""A seller's page: a name, since when, what is on view; nothing else about the person."""

from shared import clock, ids, listings
from shared.sharding import allocate_owner, transaction
from tests.factories.listings import change, draft, guest_draft, published, seller


def page(owner: int) -> str:
    return f"/u/{ids.public(ids.compose(owner, 0))}"


def test_the_page_shows_what_is_on_view_and_no_address(visitor):
    owner = seller("Anna <b>")
    published(owner, title="Red bicycle")
    change(published(owner, title="Sold bicycle"), listings.mark_sold)
    draft(owner, title="Draft bicycle")
    answer = visitor.open(page(owner))
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert "Anna &lt;b&gt;" in answer.text
    assert "Red bicycle" in answer.text
    for hidden in ("Sold bicycle", "Draft bicycle", "@example.org"):
        assert hidden not in answer.text


def test_many_listings_are_paged_without_gap_or_repetition(visitor):
    owner, now = seller(), clock.now()
    for number in range(60):
        with clock.freeze(now + number // 3):
            published(owner, title=f"Bicycle number {number:02}")
    first = visitor.open(page(owner)).text
    link = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = visitor.open(link).text
    shown = [number for text in (first, second) for number in range(60) if f"Bicycle number {number:02}<" in text]
    assert sorted(shown) == list(range(60))
    assert 'rel="next"' not in second


def test_guests_strangers_closed_accounts_and_other_numbers_have_no_page(visitor):
    guest = guest_draft("key") >> 22
    closed = seller(state="closed")
    paths = [
        page(guest),
        page(closed),
        page(allocate_owner()),
        "/u/0",
        f"/u/{2**53}",
        f"/u/{ids.public(published(seller()))}",
    ]
    assert [visitor.open(path).status_code for path in paths] == [404] * len(paths)


def test_a_new_name_shows_on_every_listing(visitor):
    owner = seller()
    listing = published(owner)
    tag = visitor.open(f"/l/{ids.public(listing)}").headers["ETag"]
    with transaction(owner) as session:
        listings.rename_seller(session, "Anna B.")
    answer = visitor.open(f"/l/{ids.public(listing)}", **{"If-None-Match": tag})
    assert "Anna B." in answer.text
