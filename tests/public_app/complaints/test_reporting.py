"""Reporting: a listing by anybody, messages by the one who got them, and by nobody too often."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from shared import clock, ids, listings
from shared.complaints import Complaint
from shared.sharding import read
from tests.factories import listings as goods
from tests.factories.messages import Pair, carry_all, copy_of, pair, talk, write
from tests.factories.visitors import Visitor, sign_in


@pytest.fixture
def both(app) -> Pair:
    return pair()


def kept(about: int) -> list[Complaint]:
    with read(about) as session:
        return list(session.scalars(select(Complaint).where(Complaint.owner == about).order_by(Complaint.id)))


def test_a_listing_is_reported_without_an_account(visitor: Visitor, both):
    path = f"/l/{ids.public(both.listing)}"
    assert f'href="{path}/report"' in visitor.open(path).text
    visitor.open(f"{path}/report")
    answer = visitor.send(reason="fraud", words="Wants money first.", email="cy@example.org")
    assert answer.request.path == path
    assert "Your report has reached us" in answer.text
    (row,) = kept(both.seller)
    assert (row.subject, row.reason, row.reporter, row.email) == ("listing", "fraud", None, "cy@example.org")
    assert "Red bicycle" in row.quote


def test_a_report_sent_twice_is_kept_once(visitor: Visitor, both):
    path = f"/l/{ids.public(both.listing)}/report"
    page = visitor.open(path)
    visitor.send(reason="spam")
    visitor.page = page
    visitor.send(reason="spam")
    assert len(kept(both.seller)) == 1


def test_what_is_missing_is_told_beside_the_field(visitor: Visitor, both):
    visitor.open(f"/l/{ids.public(both.listing)}/report")
    assert "Choose what is wrong." in visitor.send().text
    page = visitor.send(reason="other", email="nobody")
    assert page.status_code == 422
    assert "Say in a few words" in visitor.send(reason="other").text
    assert kept(both.seller) == []


def test_a_message_is_reported_with_what_it_said(visitor: Visitor, both):
    write(both, both.buyer, "Pay me in advance")
    write(both, both.buyer, "Hello?")
    carry_all()
    sign_in(visitor, both.seller, "Ada")
    first = talk(both, both.seller)[0]
    here = f"/account/messages/{ids.public(copy_of(both, both.seller).id)}"
    assert f"{here}/report?message={ids.public(first.id)}" in visitor.open(here).text
    visitor.open(f"{here}/report?message={ids.public(first.id)}")
    visitor.send(reason="fraud")
    (row,) = kept(both.buyer)
    assert (row.subject, row.quote) == ("message", "Pay me in advance")
    assert (row.message, row.reporter) == (first.id, both.seller)


def test_a_thread_is_reported_with_what_the_other_side_wrote(visitor: Visitor, both):
    write(both, both.buyer, "Pay me in advance")
    carry_all()
    write(both, both.seller, "No.")
    carry_all()
    sign_in(visitor, both.seller, "Ada")
    visitor.open(f"/account/messages/{ids.public(copy_of(both, both.seller).id)}/report")
    visitor.send(reason="fraud")
    (row,) = kept(both.buyer)
    assert (row.subject, row.quote) == ("thread", "Pay me in advance")


def test_one_s_own_words_and_listings_cannot_be_reported(visitor: Visitor, both):
    write(both, both.buyer)
    carry_all()
    sign_in(visitor, both.buyer, "Bo")
    here = f"/account/messages/{ids.public(copy_of(both, both.buyer).id)}/report"
    assert visitor.open(here).status_code == 404
    assert visitor.open(f"{here}?message={ids.public(talk(both, both.buyer)[0].id)}").status_code == 404
    own = goods.published(both.buyer)
    assert visitor.open(f"/l/{ids.public(own)}/report").status_code == 409
    assert "Report this listing" not in visitor.open(f"/l/{ids.public(own)}").text


@pytest.mark.parametrize("message", ["x", "-1", "9007199254740992", "1"])
def test_a_message_that_is_none_is_refused(visitor: Visitor, both, message):
    write(both, both.buyer)
    carry_all()
    sign_in(visitor, both.seller, "Ada")
    here = f"/account/messages/{ids.public(copy_of(both, both.seller).id)}/report"
    assert visitor.open(f"{here}?message={message}").status_code in (400, 404)


def test_a_listing_that_is_gone_or_never_was_cannot_be_reported(visitor: Visitor, both):
    goods.change(both.listing, listings.remove)
    for public in (ids.public(both.listing), 12345, 2**53):
        assert visitor.open(f"/l/{public}/report").status_code == 404


def test_reports_from_one_place_have_a_limit(another: Callable[[], Visitor], both):
    answers = []
    with clock.freeze(clock.now()):
        for _ in range(21):
            visitor = another()
            visitor.open(f"/l/{ids.public(both.listing)}/report")
            answers.append(visitor.send(reason="spam").status_code)
    assert answers == [200] * 20 + [429]
