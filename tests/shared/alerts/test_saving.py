"""Saved searches: made, changed and deleted by their owners alone, by guests through the mailed link."""

import pytest
from sqlalchemy import func, select

from shared import accounts, alerts, ids, preferences
from shared.accounts.models import User
from shared.alerts import SearchKey, SearchMatch
from shared.errors import Conflict, Invalid, NotFound
from shared.listings import search_document
from shared.search import SearchRequest
from shared.sharding import allocate_owner, read, unit_of_work
from tests.factories import accounts as people
from tests.factories.alerts import change, favourite, key_maker, saved, saved_by_guest, search, wish
from tests.factories.listings import published, seller

KEY = b"the secret of the tests, 32 bytes"
LISTING = 77 << 22 | 1


def rows(owner: int, table) -> int:
    with read(owner) as session:
        return session.execute(select(func.count()).select_from(table).where(table.owner == owner)).scalar_one()


def contact(owner: int) -> accounts.Contact:
    with read(owner) as session:
        found = accounts.contact(session)
    assert found is not None
    return found


def opened(token: str) -> alerts.SavedSearch:
    with read(ids.owner_of(alerts.search_of_token(token))) as session:
        return alerts.search_for_token(session, KEY, token, accounts.contact(session))


def test_searches_come_in_the_order_in_which_they_were_saved(fleet):
    owner = seller()
    names = ["Bikes", "Desks", "Lamps"]
    for name in names:
        saved(owner, name=name)
    with read(owner) as session:
        assert [each.name for each in alerts.searches(session)] == names


@pytest.mark.parametrize(
    ("given", "wrong"),
    [({"name": " "}, "name"), ({"name": "x" * 121}, "name"), ({"frequency": "hourly"}, "frequency")],
)
def test_what_is_wrong_with_a_search_is_said_and_nothing_is_saved(fleet, given, wrong):
    owner = seller()
    with pytest.raises(Invalid) as error:
        saved(owner, **given)
    assert set(error.value.fields) == {wrong}
    assert rows(owner, SearchKey) == 0


def test_there_is_room_for_fifty(fleet, monkeypatch):
    monkeypatch.setattr("shared.alerts.saving.MOST_SEARCHES", 2)
    owner = seller()
    saved(owner)
    second = saved(owner)
    with pytest.raises(Conflict, match="as many as there can be"):
        saved(owner)
    change(second, alerts.remove)
    saved(owner)


def test_a_search_of_somebody_else_is_none(fleet):
    mine, stranger = saved(seller()), seller()
    for unknown in (mine, mine + 1, ids.compose(stranger, 1)):
        with read(stranger) as session, pytest.raises(NotFound):
            alerts.search_of(session, unknown)


def test_a_guest_confirms_by_the_link_and_nobody_else_can(fleet):
    one = saved_by_guest("bo@example.org")
    bo = contact(ids.owner_of(one))
    token = alerts.token(KEY, one, bo)
    assert token == alerts.token(KEY, one, bo), "a mail made twice carries the same link"
    assert opened(token).state == "unconfirmed"
    other = saved_by_guest("eve@example.org")
    forged = alerts.token(KEY, other, contact(ids.owner_of(other)))[:14] + token[14:]
    of_another_site = alerts.token(b"k" * 32, one, bo)
    for wrong in (forged, of_another_site, token[:-1], token + "0", "", "x" * 46, token.upper()):
        with pytest.raises(NotFound):
            opened(wrong)


def test_a_link_of_a_mail_to_a_former_address_opens_nothing(fleet):
    people.configure()
    owner = people.confirmed("old@example.org")
    one = saved(owner)
    token = alerts.token(KEY, one, contact(owner))
    with_new = unit_of_work(owner, _move)
    assert with_new
    with pytest.raises(NotFound):
        opened(token)


def _move(session) -> bool:
    session.get(User, ids.compose(session.owner, 0)).email = "new@example.org"
    return True


def test_a_guest_is_forgotten_with_the_last_search(fleet):
    one = saved_by_guest()
    owner = ids.owner_of(one)
    unit_of_work(owner, lambda session: preferences.choose(session, preferences.Kind.ALERTS, False))
    change(one, alerts.remove)
    assert (rows(owner, User), rows(owner, SearchKey), rows(owner, preferences.MailChoice)) == (0, 0, 0)


def test_somebody_with_an_account_stays_when_the_last_search_goes(fleet):
    owner = seller()
    change(saved(owner), alerts.remove)
    assert rows(owner, User) == 1


def test_what_waits_for_a_mail_is_dropped_by_a_pause(fleet):
    one = saved(seller())
    alerts.note_matches(LISTING, 1, [one])
    change(one, alerts.pause)
    assert (search(one).state, search(one).due_at) == ("paused", None)
    assert rows(ids.owner_of(one), SearchMatch) == 0


def test_another_frequency_holds_for_what_waits(fleet):
    one = saved(seller(), frequency="weekly")
    alerts.note_matches(LISTING, 1, [one])
    late = search(one).due_at
    change(one, alerts.change, "Bikes", "instant")
    assert search(one).due_at < late
    assert search(one).name == "Bikes"


def test_everything_is_in_the_download_and_goes_with_the_account(fleet):
    owner = seller()
    one = saved(owner, city=2775220)
    listing = published(seller())
    favourite(owner, listing, price=20_000)
    with read(ids.owner_of(listing)) as session:
        row = search_document(session, listing)
    assert alerts.note_price(row) == 1
    alerts.note_matches(listing, 1, [one])
    with read(owner) as session:
        told = list(alerts.export(session))
    assert [each["kind"] for each in told] == [
        "saved search",
        "listing found by a saved search",
        "favourite that costs less",
    ]
    assert told[0]["parameters"] == {"q": "bicycle"}
    unit_of_work(owner, alerts.forget_all)
    with read(owner) as session:
        assert list(alerts.export(session)) == []
    assert rows(owner, SearchKey) == 0


def test_a_guest_s_search_is_a_wish_like_any_other(fleet):
    wanted = wish(SearchRequest("desk"), name="  Desks  ")
    keys = key_maker().keys(wanted.request)
    one = unit_of_work(allocate_owner(), lambda session: alerts.save_for_guest(session, "a@example.org", wanted, keys))
    assert search(one).name == "Desks"
