"""What the operators are told: the week's figures and the doctor's findings, in the ledger and by mail."""

import pytest

from jobs import reporting
from shared import clock
from shared.gateways.mail import MaildirMailer, MailError
from tests.factories.accounts import confirmed
from tests.factories.listings import published
from tests.factories.mail_server import listening
from tests.factories.mails import mailing_by
from tests.factories.settings import settings
from tests.shared.gateways.smtp_peer import certificate

OPERATORS = ("root@example.org", "second@example.org")


@pytest.fixture
def told(fleet, tmp_path):
    with mailing_by(settings(tmp_path, operators=OPERATORS)):
        yield MaildirMailer(tmp_path / "mail", reporting.mailing._mailer().sender)


def test_the_week_is_in_the_ledger_and_in_the_operators_mailboxes(told):
    published(confirmed())
    output = reporting.report_usage()
    assert "1 listings published" in output and "1 open accounts" in output
    assert output.endswith("mailed to 2 of 2 operators")
    assert {mail.to for mail in told.messages()} == set(OPERATORS)
    mail = told.messages()[0]
    assert "listings published: 1\n" in mail.text
    assert "example.org" not in mail.text.partition("--")[0], "figures name nobody"


def test_a_run_that_is_repeated_tells_nobody_twice(told):
    with clock.freeze(1_800_000_000):
        reporting.report_usage()
        reporting.report_usage()
    assert len(told.messages()) == 2


def test_without_operators_the_ledger_has_it_all(maildir):
    assert "open accounts" in reporting.report_usage()
    assert maildir.messages() == []


def test_an_operator_whose_mailbox_refuses_keeps_it_from_nobody_else(fleet, tmp_path):
    with (
        listening(certificate(tmp_path)) as server,
        mailing_by(settings(tmp_path, mail_url=server.url(), operators=OPERATORS)),
    ):
        server.refused[OPERATORS[0]] = "550 5.1.1 nobody of that name"
        output = reporting.report_usage()
    assert output.endswith("mailed to 1 of 2 operators, The mail server refused the recipient's address (550 5.1.1).")
    assert [mail["To"] for mail in server.mails()] == [OPERATORS[1]]


def test_a_report_that_reached_nobody_is_tried_again(fleet, tmp_path):
    with listening(certificate(tmp_path)) as server:
        pass
    with (
        mailing_by(settings(tmp_path, mail_url=server.url(), operators=OPERATORS)),
        pytest.raises(MailError, match=r"0 open accounts.* mailed to 0 of 2 operators, No mail server") as away,
    ):
        reporting.report_usage()
    assert not away.value.permanent


def test_what_the_doctor_finds_is_mailed_when_something_has_failed(told, tmp_path, monkeypatch):
    monkeypatch.setenv("STEVESLIST_VAR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("STEVESLIST_SECRET_KEY", "s" * 32)
    monkeypatch.setenv("STEVESLIST_ID_KEY", "i" * 32)
    output = reporting.examine()
    assert output.endswith("mailed to 2 of 2 operators")
    (mail, _) = told.messages()
    assert "needs somebody to look at it" in mail.subject
    assert "fail" in mail.text
