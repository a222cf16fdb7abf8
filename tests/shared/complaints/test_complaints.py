"""A complaint is kept with whom it is about, told by an event of ids, and forgotten after a year."""

import pytest

from shared import clock, complaints, ids
from shared.complaints.actions import KEEP_SECONDS
from shared.errors import Conflict, Invalid
from shared.sharding import current, read, transaction
from tests.factories.accounts import events
from tests.factories.listings import published, seller


@pytest.fixture
def accused(fleet) -> int:
    return seller("Ada")


def complain(about: int, **changes) -> int:
    given = {"subject": "listing", "listing": published(about), "reason": "fraud", "quote": "Red bicycle"}
    with transaction(about) as session:
        return complaints.complain(session, **{**given, **changes})


def test_a_complaint_is_an_event_of_whom_it_is_about(accused):
    reporter = seller("Bo")
    made = complain(accused, reporter=reporter, words="Wants money first.")
    (event,) = [each for each in events(accused) if each.type == "ComplaintMade"]
    assert event.body["complaint"] == made
    assert event.body["about"] == accused
    assert set(event.body) == {"complaint", "about", "listing", "subject"}
    with read(accused) as session:
        row = session.get(complaints.Complaint, made)
    assert (row.reason, row.words, row.reporter, row.state) == ("fraud", "Wants money first.", reporter, "open")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("reason", {"reason": ""}),
        ("reason", {"reason": "because"}),
        ("words", {"reason": "other"}),
        ("words", {"words": "x" * 2001}),
        ("email", {"email": "nobody"}),
    ],
)
def test_what_is_missing_is_named(accused, field, changes):
    with pytest.raises(Invalid) as caught:
        complain(accused, **changes)
    assert list(caught.value.fields) == [field]


def test_nobody_complains_about_himself(accused):
    with pytest.raises(Conflict):
        complain(accused, reporter=accused)


def test_a_very_long_quote_is_cut(accused):
    made = complain(accused, quote="x" * 20_000)
    with read(accused) as session:
        assert len(session.get(complaints.Complaint, made).quote) == 8000


def test_the_accused_learns_what_for_but_not_from_whom(accused):
    listing = published(accused)
    complain(accused, listing=listing, reporter=seller("Bo"), words="He is Bo's neighbour.", email="bo@example.org")
    with read(accused) as session:
        (found,) = complaints.export(session)
    assert found["listing"] == ids.public(listing)
    assert found["reason"] == "fraud"
    assert not {"words", "email", "reporter"} & set(found)


def test_complaints_are_forgotten_after_a_year(accused):
    with clock.freeze(clock.now() - KEEP_SECONDS - 60):
        complain(accused)
    complain(accused)
    assert sum(complaints.forget_old(shard) for shard in current().names("user")) == 1
    with read(accused) as session:
        assert len(list(complaints.export(session))) == 1
