"""The consumers that mail, into a real maildir: who gets what, with links that work, and nothing twice."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import consumers, mailing
from shared import accounts, messaging
from shared.events.relay import number_pending
from shared.gateways.mail import MaildirMailer
from shared.sharding import current, read, transaction
from tests.factories.accounts import confirmed, pending
from tests.factories.settings import settings


@pytest.fixture
def maildir(tmp_path, fleet, monkeypatch) -> Iterator[MaildirMailer]:
    ours = settings(tmp_path)
    accounts.configure(ours)
    monkeypatch.setattr(mailing, "settings", lambda: ours)
    for cached in (mailing._mailer, mailing._templates):
        cached.cache_clear()
    yield mailing._mailer()
    for cached in (mailing._mailer, mailing._templates):
        cached.cache_clear()


def run_consumers() -> list[str]:
    """Hand every pending event to every interested consumer, as the relay and the workers do."""
    ran = []
    for shard in current().names("user"):
        for due in number_pending(shard):
            for each in consumers.subscriptions().get(due.type, ()):
                consumers.consume(each.name, due.id)
                ran.append(each.name)
    return ran


def token_in(text: str, path: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:8000{path}([A-Za-z0-9_.=-]+)", text)
    assert found is not None, text
    return found[1]


def the_only_mail(maildir: MaildirMailer):
    (only,) = maildir.messages()
    return maildir.message(only.key)


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


@pytest.mark.parametrize("share", [True, False])
def test_a_message_reaches_inbox_and_mailbox_and_the_senders_address_only_when_he_says_so(maildir, share):
    sender, recipient = confirmed("bo@example.org", name="Bo"), confirmed("ada@example.org", name="Ada")
    with transaction(sender) as session:
        messaging.send(
            session,
            sender_name="Bo",
            recipient=recipient,
            listing=77,
            title="Red bicycle",
            body="Is it <b>still</b> there?",
            share_address=share,
        )
    run_consumers()
    with read(recipient) as session:
        assert [each.body for each in messaging.inbox(session)] == ["Is it <b>still</b> there?"]
    mail = the_only_mail(maildir)
    assert mail.to == "ada@example.org"
    assert "Is it <b>still</b> there?" in mail.text
    assert "&lt;b&gt;still" in mail.html
    assert ("bo@example.org" in str(mail.headers)) is share
    assert "bo@example.org" not in mail.text + mail.html


def test_no_event_holds_an_address_or_a_token(maildir):
    pending("new@example.org")
    for shard in current().names("user"):
        with current().shard(shard).reader.connect() as connection:
            for (body,) in connection.exec_driver_sql("SELECT body FROM event"):
                assert "example.org" not in str(body)


def test_every_mail_template_has_both_parts_and_a_subject():
    folder = Path(mailing.__file__).parents[1] / "templates" / "mail"
    texts = {path.with_suffix("") for path in folder.glob("*/*.txt")}
    pages = {path.with_suffix("") for path in folder.glob("*/*.html") if path.parent.name != "shared"}
    assert texts == pages
    assert all(path.with_suffix(".txt").read_text().split("\n")[0].strip() for path in texts)
