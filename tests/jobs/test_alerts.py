"""From a listing to the mails about it: who is told what, when, once, and what is kept back."""

import pytest

from jobs import alerting, consumers, mailing
from shared import accounts, alerts, clock, events, ids, listings, messaging, preferences
from shared.alerts.calendar import GATHER_SECONDS, REST_SECONDS
from shared.events.relay import number_pending
from shared.gateways.mail import MailError
from shared.search import Point
from shared.sharding import current, read, unit_of_work
from tests.factories.alerts import change as change_search
from tests.factories.alerts import favourite, saved, saved_by_guest, search
from tests.factories.listings import INNSBRUCK, VIENNA, change, details, published, seller
from tests.factories.mails import run_consumers, the_only_mail, token_in


def later(seconds: int = GATHER_SECONDS) -> None:
    """Let the consumers work, then have what is due by then gathered and mailed."""
    run_consumers()
    with clock.freeze(clock.now() + seconds):
        alerting.send_alerts()
        run_consumers()


def subjects(maildir) -> list[str]:
    return sorted(mail.subject for mail in maildir.messages())


def priced(listing: int, amount: int) -> None:
    change(listing, listings.edit, details(price_amount=amount))


def test_a_new_listing_is_mailed_to_whoever_looks_for_it(maildir):
    bo, carla, eve = seller(), seller(), seller()
    saved(bo, "bike", name="Bikes near me", city=INNSBRUCK, price_max=15_000, currency="EUR")
    saved(carla, "bike", city=VIENNA)
    saved(eve, "bike -red")
    listing = published(seller())
    later()
    mail = the_only_mail(maildir)
    assert (mail.to, mail.subject) == (f"{bo}@example.org", "New: Red bicycle")
    for told in ("Bikes near me", "Red bicycle", "€120", "Innsbruck", f"/l/{ids.public(listing)}"):
        assert told in mail.text, told
        assert told in (mail.html or ""), told
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_import_is_one_mail_that_says_how_many_more_there_are(maildir):
    bo, anna = seller(), seller()
    saved(bo, "bicycle")
    for number in range(13):
        published(anna, title=f"Bicycle {number}")
    later()
    mail = the_only_mail(maildir)
    assert mail.subject == "13 new listings: Bicycles"
    assert mail.text.count("/l/") == consumers.alerts.SHOWN == 10
    assert "And 3 more." in mail.text
    assert "/search?q=bicycle&sort=newest" in mail.text


def test_several_searches_of_one_reader_are_one_mail(maildir):
    bo = seller()
    saved(bo, "bicycle", name="Bicycles")
    saved(bo, "red", name="Red things")
    published(seller())
    later()
    mail = the_only_mail(maildir)
    assert mail.subject == "2 new listings for your searches"
    assert "Bicycles" in mail.text and "Red things" in mail.text


def test_a_listing_that_is_edited_reserved_and_renewed_is_news_for_those_whom_it_matches_only_now(maildir):
    bo, carla = seller(), seller()
    saved(bo, "bicycle")
    saved(carla, "tandem")
    listing = published(seller())
    later()
    change(listing, listings.edit, details(title="Red bicycle, a tandem"))
    change(listing, listings.reserve)
    change(listing, listings.renew)
    later()
    assert sorted(mail.to for mail in maildir.messages()) == sorted((f"{bo}@example.org", f"{carla}@example.org"))


def test_what_is_gone_or_has_become_something_else_by_the_hour_of_the_mail_is_not_in_it(maildir):
    saved(seller(), "bicycle", price_max=15_000, currency="EUR")
    removed, sold, dearer, reserved = (
        published(seller(), title=f"Bicycle {word}") for word in ("one", "two", "three", "four")
    )
    run_consumers()
    change(removed, listings.remove)
    change(sold, listings.mark_sold)
    change(reserved, listings.reserve)
    change(dearer, listings.edit, details(title="Bicycle three", price_amount=90_000))
    later()
    mail = the_only_mail(maildir)
    assert mail.subject == "New: Bicycle four"
    for word in ("one", "two", "three"):
        assert f"Bicycle {word}" not in mail.text


def test_when_all_of_it_is_gone_there_is_no_mail(maildir):
    saved(seller())
    listing = published(seller())
    run_consumers()
    change(listing, listings.remove)
    later()
    assert maildir.messages() == []


def test_a_digest_is_one_mail_though_its_job_runs_twice(maildir):
    saved(seller(), frequency="daily")
    published(seller())
    run_consumers()
    with clock.freeze(clock.now() + 86_400):
        assert alerting.send_alerts() == "1 mails of alerts to be made"
        assert alerting.send_alerts() == "0 mails of alerts to be made"
        run_consumers()
    assert len(maildir.messages()) == 1


def batch_to_be_mailed() -> int:
    """A match that was gathered: the event that has its mail made."""
    saved(seller())
    published(seller())
    run_consumers()
    with clock.freeze(clock.now() + GATHER_SECONDS):
        alerting.send_alerts()
    (due,) = [each for shard in current().names("user") for each in number_pending(shard)]
    return due.id


def test_a_worker_that_dies_after_the_mail_and_before_its_mark_leaves_one_mail(maildir, monkeypatch):
    batch = batch_to_be_mailed()
    with monkeypatch.context() as patch:
        patch.setattr(consumers, "unit_of_work", _dies)
        with pytest.raises(KeyboardInterrupt):
            consumers.consume("mail_alerts", batch)
    assert len(maildir.messages()) == 1
    consumers.consume("mail_alerts", batch)
    assert len(maildir.messages()) == 1, "the second has the Message-ID of the first"
    with read(ids.owner_of(batch)) as session:
        assert events.handled(session, "mail_alerts", batch)


def _dies(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_mail_that_could_not_be_sent_is_sent_later(maildir, monkeypatch):
    batch = batch_to_be_mailed()
    with monkeypatch.context() as patch:
        patch.setattr(mailing, "_hand_over", _is_away)
        consumers.consume("mail_alerts", batch)
    assert maildir.messages() == []
    consumers.consume("mail_alerts", batch)
    assert len(maildir.messages()) == 1


def _is_away(*_arguments: object) -> bool:
    raise MailError("the server is away", permanent=False)


def test_a_guest_is_asked_first_and_told_only_when_he_has_confirmed(maildir):
    one = saved_by_guest("guest@example.org", "bicycle")
    published(seller())
    later()
    mail = the_only_mail(maildir)
    assert (mail.to, mail.subject) == ("guest@example.org", "Confirm your saved search: Bicycles")
    assert "List-Unsubscribe" not in mail.headers
    token = token_in(mail.text, "/searches/")
    assert alerts.search_of_token(token) == one
    change_search(one, alerts.confirm)
    published(seller(), title="Blue bicycle")
    later()
    assert subjects(maildir) == ["Confirm your saved search: Bicycles", "New: Blue bicycle"]
    assert token_in(maildir.messages()[0].text, "/searches/") == token


def test_whoever_wants_no_alerts_gets_none(maildir):
    bo = seller()
    saved(bo)
    unit_of_work(bo, lambda session: preferences.choose(session, preferences.Kind.ALERTS, False))
    published(seller())
    later()
    assert maildir.messages() == []


def test_whom_one_has_blocked_is_no_news(maildir):
    bo, eve = seller(), seller()
    saved(bo)
    dropped = published(eve, title="Blue bicycle")
    favourite(bo, dropped)
    for title in ("Red bicycle", "Tandem bicycle"):
        published(eve, title=title)
    priced(dropped, 9_900)
    run_consumers()
    unit_of_work(bo, lambda session: messaging.block(session, eve, "Eve"))
    later(REST_SECONDS)
    assert maildir.messages() == []


def test_whoever_has_closed_the_account_gets_none(maildir):
    bo = seller()
    saved(bo)
    published(seller())
    run_consumers()
    unit_of_work(bo, accounts.close_account)
    maildir_before = len(maildir.messages())
    later()
    assert [mail for mail in maildir.messages() if "bicycle" in mail.subject.lower()] == []
    assert maildir_before == 0


def test_news_that_come_twice_or_late_are_told_once(maildir):
    one = saved(seller())
    listing = published(seller())
    due = [each for shard in current().names("user") for each in number_pending(shard)]
    change(listing, listings.reserve)
    for _ in range(2):
        for each in due:
            consumers.load()["match_saved_searches"].handle(_recorded(each.id))
    later()
    assert len(maildir.messages()) == 1
    assert search(one).due_at is None


def _recorded(event: int):
    with read(ids.owner_of(event)) as session:
        return events.load(session, event)


def test_a_listing_far_from_where_it_is_looked_for_is_no_news(maildir):
    saved(seller(), near=Point(48.2, 16.4), within_km=50)
    published(seller())
    later()
    assert maildir.messages() == []


def test_a_favourite_that_costs_less_is_mailed_with_both_prices(maildir):
    bo, listing = seller(), published(seller())
    favourite(bo, listing)
    run_consumers()
    priced(listing, 9_900)
    later(REST_SECONDS)
    mail = the_only_mail(maildir)
    assert (mail.to, mail.subject) == (f"{bo}@example.org", "Now €99: Red bicycle")
    assert "€99 instead of €120" in mail.text
    assert "List-Unsubscribe" in mail.headers


@pytest.mark.parametrize("after", [11_900, 12_000, 20_000])
def test_a_price_that_hardly_fell_or_rose_is_no_news(maildir, after):
    listing = published(seller())
    favourite(seller(), listing)
    priced(listing, after)
    later(REST_SECONDS)
    assert maildir.messages() == []


def test_a_price_that_is_back_up_by_the_hour_of_the_mail_is_not_told(maildir):
    listing = published(seller())
    favourite(seller(), listing)
    priced(listing, 9_900)
    run_consumers()
    priced(listing, 12_000)
    later(REST_SECONDS)
    assert maildir.messages() == []


def test_favourites_that_fall_one_after_the_other_are_one_mail_in_half_an_hour(maildir):
    bo, anna = seller(), seller()
    falling = [published(anna, title=f"Bicycle {number}") for number in range(4)]
    for each in falling:
        favourite(bo, each)
    hour = clock.now() // 3600 * 3600 + 3600
    for minute, each in enumerate(falling):
        with clock.freeze(hour + 60 * minute):
            priced(each, 9_900)
            run_consumers()
    for minute in range(45):
        with clock.freeze(hour + 60 * minute):
            alerting.send_alerts()
            run_consumers()
    assert the_only_mail(maildir).subject == "4 of your favourites cost less now"


def test_favourites_that_are_forgotten_or_gone_by_the_hour_of_the_mail_are_not_told(maildir):
    bo, forgotten, gone = seller(), published(seller()), published(seller())
    for each in (forgotten, gone):
        favourite(bo, each)
        priced(each, 9_900)
    run_consumers()
    unit_of_work(bo, lambda session: listings.remove_favourite(session, forgotten))
    change(gone, listings.remove)
    later(REST_SECONDS)
    assert maildir.messages() == []


def test_the_jobs_say_what_they_did(fleet, environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert alerting.renew_keys() == "0 saved searches have new keys"
    assert alerting.forget() == "0 unconfirmed searches, 0 matches and 0 price drops forgotten"
