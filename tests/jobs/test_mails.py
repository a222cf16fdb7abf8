"""The consumers that mail, into a real maildir: who gets what, with links that work, and nothing twice."""

from pathlib import Path

import pytest

from jobs import consumers, housekeeping, mailing
from shared import accounts, clock, ids, listings, preferences
from shared.events import MailCheckAsked, record
from shared.events.relay import number_pending
from shared.ids import owner_of
from shared.sharding import current, read, transaction
from tests.factories.accounts import confirmed, pending
from tests.factories.listings import change, published, seller
from tests.factories.mails import run_consumers, the_only_mail, token_in


def test_an_address_with_letters_beyond_ascii_in_its_domain_is_mailed_in_its_wire_form(maildir):
    pending("new@bücher.example")
    run_consumers()
    assert the_only_mail(maildir).to == "new@xn--bcher-kva.example"


def test_a_sign_up_is_mailed_a_link_that_confirms_it(maildir):
    pending("new@example.org")
    run_consumers()
    mail = the_only_mail(maildir)
    assert mail.to == "new@example.org"
    accounts.confirm(token_in(mail.text, "/account/confirm/"), "wolf hall of mirrors")
    assert accounts.log_in("new@example.org", "wolf hall of mirrors")


def test_an_event_that_is_handled_twice_leaves_one_mail(maildir):
    pending("new@example.org")
    due = [each for shard in current().names("user") for each in number_pending(shard)]
    for _ in range(2):
        for each in due:
            consumers.consume("mail_confirmation", each.id)
    assert len(maildir.messages()) == 1


def test_somebody_who_signs_up_again_is_told_by_mail_alone(maildir):
    confirmed("old@example.org")
    run_consumers()
    assert accounts.sign_up("old@example.org", "another good password", "X") is None
    run_consumers()
    assert "already" in the_only_mail(maildir).subject


def test_a_forgotten_password_is_set_anew_by_the_mailed_link_once(maildir):
    confirmed("old@example.org")
    accounts.ask_reset("old@example.org")
    run_consumers()
    token = token_in(the_only_mail(maildir).text, "/reset/")
    accounts.reset_password(token, "a whole new password")
    assert accounts.log_in("old@example.org", "a whole new password")
    with pytest.raises(accounts.LinkSpent):
        accounts.reset_password(token, "yet another password")


def test_an_address_change_is_mailed_to_the_new_and_told_to_the_old_address(maildir):
    owner = confirmed("old@example.org")
    accounts.ask_address_change(owner, "new@example.org", "wolf hall of mirrors")
    run_consumers()
    mails = {mail.to: maildir.message(mail.key) for mail in maildir.messages()}
    assert set(mails) == {"old@example.org", "new@example.org"}
    accounts.change_address(token_in(mails["new@example.org"].text, "/account/email/"))
    run_consumers()
    assert accounts.log_in("new@example.org", "wolf hall of mirrors")


def test_the_former_address_hears_that_the_change_is_done_and_what_to_do_if_it_was_somebody_else(maildir):
    owner = confirmed("old@example.org")
    accounts.ask_address_change(owner, "new@example.org", "wolf hall of mirrors")
    run_consumers()
    (asked,) = (mail for mail in maildir.messages() if mail.to == "new@example.org")
    before = {mail.key for mail in maildir.messages()}
    accounts.change_address(token_in(asked.text, "/account/email/"))
    run_consumers()
    (told,) = (mail for mail in maildir.messages() if mail.key not in before)
    assert (told.to, told.subject) == ("old@example.org", "Your address at Steveslist was changed")
    assert "If that was not you" in told.text
    assert "new@example.org" not in told.text, "whoever has the former mailbox need not know the present one"


def test_one_s_own_mailbox_does_not_tell_whether_the_new_address_has_an_account(maildir):
    owner, _holder = confirmed("old@example.org"), confirmed("taken@example.org")
    accounts.ask_address_change(owner, "taken@example.org", "wolf hall of mirrors")
    run_consumers()
    mails = {mail.to: mail.subject for mail in maildir.messages()}
    assert "about to change" in mails["old@example.org"]
    assert "already have an account" in mails["taken@example.org"]
    assert len(mails) == 2


def test_a_closed_account_gets_one_last_mail_and_its_address_is_free(maildir):
    owner = confirmed("old@example.org")
    with transaction(owner) as session:
        accounts.close_account(session)
    run_consumers()
    assert "closed" in the_only_mail(maildir).subject
    assert accounts.sign_up("old@example.org", "another good password", "Next") is not None


def test_no_event_holds_an_address_or_a_token(maildir):
    pending("new@example.org")
    for shard in current().names("user"):
        with current().shard(shard).reader.connect() as connection:
            for (body,) in connection.exec_driver_sql("SELECT body FROM event"):
                assert "example.org" not in str(body)


def test_every_mail_template_has_both_parts_and_a_subject():
    folder = Path(mailing.__file__).parents[1] / "templates" / "mail"
    texts = {path.with_suffix("") for path in folder.glob("*/*.txt") if path.parent.name != "shared"}
    pages = {path.with_suffix("") for path in folder.glob("*/*.html") if path.parent.name != "shared"}
    assert texts == pages
    assert all(path.with_suffix(".txt").read_text().split("\n")[0].strip() for path in texts)


def test_who_confirms_his_address_is_welcomed_once(maildir):
    pending("new@example.org")
    run_consumers()
    accounts.confirm(token_in(the_only_mail(maildir).text, "/account/confirm/"), "wolf hall of mirrors")
    run_consumers()
    assert sorted(mail.subject for mail in maildir.messages()) == [
        "Confirm your address for Steveslist",
        "Welcome to Steveslist",
    ]
    accounts.ask_reset("new@example.org")
    run_consumers()
    accounts.reset_password(token_in(maildir.messages()[0].text, "/reset/"), "a whole new password")
    run_consumers()
    assert sum("Welcome to" in mail.subject for mail in maildir.messages()) == 1


def test_a_confirmed_address_has_nothing_that_came_back(maildir):
    owner = pending("new@example.org")
    with transaction(owner) as session:
        preferences.count(session, "new@example.org")
    run_consumers()
    accounts.confirm(token_in(the_only_mail(maildir).text, "/account/confirm/"), "wolf hall of mirrors")
    run_consumers()
    with read(owner) as session:
        assert session.get(preferences.MailBounce, owner) is None


def test_mail_to_be_tried_carries_the_link_that_starts_it_again(maildir):
    owner = confirmed("old@example.org")
    with transaction(owner) as session:
        record(session, MailCheckAsked(user=owner))
    run_consumers()
    token = token_in(the_only_mail(maildir).text, "/mail/arrived/")
    with read(owner) as session:
        key = mailing.settings().secret_key
        assert preferences.redeem(session, key, token, preferences.CHECK).email == "old@example.org"


def test_a_warning_by_the_staff_says_what_is_wrong_and_where(maildir):
    owner = confirmed("old@example.org")
    listing = published(owner)
    with transaction(owner) as session:
        accounts.warn(session, "Please take <b>that</b> out.", "Martha", listing)
    run_consumers()
    mail = the_only_mail(maildir)
    assert "Please take <b>that</b> out." in mail.text
    assert "&lt;b&gt;that" in (mail.html or "")
    assert f"/l/{ids.public(listing)}" in mail.text
    assert "Martha" not in mail.text + (mail.html or "")


@pytest.mark.parametrize("state", ["active", "guest"])
def test_a_listing_about_to_end_is_mailed_with_links_that_work(maildir, state):
    listing = _about_to_end(seller(state=state))
    run_consumers()
    mail = the_only_mail(maildir)
    assert mail.subject.endswith(": Red bicycle")
    token = token_in(mail.text, "/expiring/")
    with read(owner_of(listing)) as session:
        found = listings.listing_for_expiring_link(session, mailing.settings().secret_key, token)
        assert found.id == listing
    for choice in ("renew", "sold", "delete"):
        assert f"/expiring/{token}/{choice}" in mail.text
        assert f"/expiring/{token}/{choice}" in (mail.html or "")


@pytest.mark.parametrize("verb", [listings.renew, listings.mark_sold, listings.remove])
def test_who_was_quicker_than_the_mail_gets_none(maildir, verb):
    listing = _about_to_end(seller())
    change(listing, verb)
    run_consumers()
    assert maildir.messages() == []


def _about_to_end(owner: int) -> int:
    with clock.freeze(clock.now() - 58 * 86_400):
        listing = published(owner)
    assert housekeeping.warn_sellers() == "1 sellers warned"
    return listing
