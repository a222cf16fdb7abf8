"""Sending a letter to all who want news: resumed where it stopped, never twice to anybody, no faster than allowed."""

import pytest

from jobs import mailing, newsletters
from shared import accounts, preferences
from shared import newsletters as letters
from shared.preferences import Kind
from shared.sharding import transaction
from tests.factories.listings import seller
from tests.factories.mail_server import listening
from tests.factories.mails import mailing_by
from tests.factories.settings import settings
from tests.shared.gateways.smtp_peer import certificate

TEXT = "Spring is here\n\nTime to sell the skis.\n"


def readers(count: int) -> list[int]:
    found = [seller() for _ in range(count)]
    for owner in found:
        with transaction(owner) as session:
            preferences.choose(session, Kind.NEWS, True)
    return found


@pytest.fixture
def letter(fleet) -> str:
    letters.queue(made := letters.parse(TEXT))
    return made.letter


@pytest.fixture
def server(fleet, tmp_path):
    pem = certificate(tmp_path)
    with listening(pem) as server, mailing_by(settings(tmp_path, mail_url=server.url(), news_per_hour=36)):
        yield server


def test_without_a_letter_nothing_happens(maildir):
    readers(1)
    assert newsletters.send_news() == "no letter waits"
    assert maildir.messages() == []


def test_everybody_who_wants_news_gets_the_letter_and_can_stop_it(maildir, letter):
    wanted = readers(3)
    seller()
    assert newsletters.send_news() == "'Spring is here': 3 sent; everybody has it"
    assert {mail.to for mail in maildir.messages()} == {f"{owner}@example.org" for owner in wanted}
    mail = maildir.messages()[0]
    assert (mail.subject, mail.headers["List-Unsubscribe-Post"]) == ("Spring is here", "List-Unsubscribe=One-Click")
    assert "Time to sell the skis." in mail.text
    assert "/news" in mail.headers["List-Unsubscribe"]
    assert newsletters.send_news() == "no letter waits"


def test_nobody_who_did_not_ask_for_news_gets_any(maildir, letter):
    owners = [seller(state=state) for state in ("active", "active", "pending", "guest")]
    changed, everything_else, *_ = owners
    with transaction(changed) as session:
        preferences.choose(session, Kind.NEWS, True)
    with transaction(changed) as session:
        preferences.choose(session, Kind.NEWS, False)
    with transaction(everything_else) as session:
        preferences.choose_all(session, set(Kind) - {Kind.NEWS})
    assert newsletters.send_news() == "'Spring is here': none; everybody has it"
    for owner in owners:
        context = {"kind": Kind.NEWS, "owner": owner, "title": "News", "words": "News"}
        assert not mailing.send(f"{owner}@example.org", "newsletters/letter", key=str(owner), **context)
    assert maildir.messages() == []


def test_no_more_are_sent_in_a_run_than_the_setting_allows(server, letter):
    readers(7)
    assert newsletters.send_news() == "'Spring is here': 3 sent; more to come"
    assert newsletters.send_news() == "'Spring is here': 3 sent; more to come"
    assert newsletters.send_news() == "'Spring is here': 1 sent; everybody has it"
    recipients = [envelope.rcpt_tos[0] for envelope in server.envelopes]
    assert len(recipients) == len(set(recipients)) == 7


def test_who_dies_while_sending_leaves_nobody_with_two(server, letter, monkeypatch):
    owners = sorted(readers(3))

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(letters, "end", die)
        with pytest.raises(Killed):
            newsletters.send_news()
    assert len(server.envelopes) == 1
    newsletters.send_news()
    assert sorted(envelope.rcpt_tos[0] for envelope in server.envelopes) == sorted(
        f"{owner}@example.org" for owner in owners
    )
    assert letters.outcomes(letter) == {"sent": 2, "begun": 1}


def test_a_server_that_is_away_stops_the_run_and_loses_nobody(server, letter):
    owners = readers(2)
    for owner in owners:
        server.refused[f"{owner}@example.org"] = "451 4.3.0 try later"
    assert "stopped: The mail server refused" in newsletters.send_news()
    assert letters.outcomes(letter) == {}
    server.refused.clear()
    assert newsletters.send_news() == "'Spring is here': 2 sent; everybody has it"


def test_a_mailbox_that_is_refused_holds_up_nobody(server, letter):
    gone, here, policy = readers(3)
    server.refused[f"{gone}@example.org"] = "550 5.1.1 nobody"
    server.refused[f"{policy}@example.org"] = "554 5.7.1 no"
    newsletters.send_news()
    assert letters.outcomes(letter) == {"sent": 1, "skipped": 1, "refused": 1}
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [[f"{here}@example.org"]]


def test_who_changes_his_mind_between_two_runs_gets_none(server, letter):
    owners = readers(4)
    newsletters.send_news()
    had = {envelope.rcpt_tos[0] for envelope in server.envelopes}
    (last,) = (owner for owner in owners if f"{owner}@example.org" not in had)
    with transaction(last) as session:
        preferences.choose(session, Kind.NEWS, False)
    assert "everybody has it" in newsletters.send_news()
    assert len(server.envelopes) == 3


def test_who_has_left_gets_none(maildir, letter):
    (owner,) = readers(1)
    with transaction(owner) as session:
        accounts.close_account(session)
    newsletters.send_news()
    assert maildir.messages() == []
    assert letters.outcomes(letter) == {"skipped": 1}


def test_two_that_send_at_once_share_the_readers(maildir, letter):
    (owner,) = readers(1)
    assert letters.begin(owner, letter), "another run has it in hand"
    assert newsletters._give(owner, letters.parse(TEXT)) == "begun elsewhere"
    assert maildir.messages() == []
