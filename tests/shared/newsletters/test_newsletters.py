"""Letters: read from plain text, the same words once, and each reader's copy begun once."""

import pytest

from shared import clock, newsletters, preferences
from shared.errors import Invalid
from shared.preferences import Kind
from shared.sharding import current, read, transaction
from tests.factories.listings import seller
from tests.factories.plans import plans

TEXT = "Spring is here\n\nTime to sell the skis.\n\nYours, the site\n"


def reader() -> int:
    owner = seller()
    with transaction(owner) as session:
        preferences.choose(session, Kind.NEWS, True)
    return owner


def waiting(letter: str, after: int = -1, limit: int = 100) -> list[int]:
    return [owner for shard in current().names("user") for owner in newsletters.waiting(shard, letter, after, limit)]


def test_the_first_line_is_the_subject():
    letter = newsletters.parse(TEXT)
    assert (letter.subject, letter.words) == ("Spring is here", "Time to sell the skis.\n\nYours, the site")


@pytest.mark.parametrize(
    "text", ["", "Only a subject", "Subject\nno empty line", "Subject\n\n \n", f"{'x' * 201}\n\nWords"]
)
def test_what_is_no_letter_is_refused_with_what_to_do(text):
    with pytest.raises(Invalid) as refusal:
        newsletters.parse(text)
    assert refusal.value.fields[""]


def test_the_same_words_are_the_same_letter(fleet):
    assert newsletters.queue(newsletters.parse(TEXT))
    assert not newsletters.queue(newsletters.parse(TEXT.replace("\n", "\r\n")))
    assert newsletters.parse(TEXT + "PS: and the sledge.").letter != newsletters.parse(TEXT).letter


def test_letters_go_out_in_the_order_they_came(fleet):
    with clock.freeze(1_800_000_000):
        newsletters.queue(first := newsletters.parse(TEXT))
    with clock.freeze(1_800_000_060):
        newsletters.queue(newsletters.parse(f"Other\n\n{TEXT}"))
    following = newsletters.next_letter()
    assert following is not None and following.letter == newsletters.parse(TEXT).letter
    newsletters.finish(following.letter)
    following = newsletters.next_letter()
    assert following is not None and following.subject == "Other"
    newsletters.finish(following.letter)
    assert newsletters.next_letter() is None
    assert not newsletters.queue(newsletters.parse(TEXT)), "finished is not forgotten"
    assert first.subject == "Spring is here"


def test_only_those_wait_who_asked_for_news_and_have_no_copy(fleet):
    readers = {reader() for _ in range(4)}
    seller()
    declined = reader()
    with transaction(declined) as session:
        preferences.choose(session, Kind.NEWS, False)
    assert newsletters.readers() == 4
    assert set(waiting("a")) == readers
    had = readers.pop()
    assert newsletters.begin(had, "a")
    assert set(waiting("a")) == readers
    assert had in waiting("b")


def test_a_copy_is_begun_once(fleet):
    owner = reader()
    assert newsletters.begin(owner, "a")
    assert not newsletters.begin(owner, "a")
    newsletters.end(owner, "a", "sent")
    assert not newsletters.begin(owner, "a")
    assert newsletters.outcomes("a") == {"sent": 1}


def test_a_copy_given_back_comes_up_again(fleet):
    owner = reader()
    newsletters.begin(owner, "a")
    newsletters.give_back(owner, "a")
    assert waiting("a") == [owner]
    assert newsletters.begin(owner, "a")


def test_copies_are_counted_over_all_shards(fleet):
    for number in range(6):
        newsletters.begin(owner := reader(), "a")
        if number % 2:
            newsletters.end(owner, "a", "sent")
    assert newsletters.outcomes("a") == {"sent": 3, "begun": 3}


@pytest.mark.sqlite_plans
def test_readers_are_found_by_an_index(fleet):
    reader()
    for shard in current().names("user"):
        found = plans(current().shard(shard), lambda name=shard: newsletters.waiting(name, "a", -1, 10))
        assert any("ix_mail_choice_kind_wanted_owner" in plan for plan in found), found


def test_the_download_says_which_letters_somebody_had(fleet):
    owner, letter = seller(), newsletters.parse(TEXT).letter
    newsletters.begin(owner, letter)
    newsletters.end(owner, letter, "sent")
    with read(owner) as session:
        told = list(newsletters.export(session))
    assert [(each["letter"], each["outcome"]) for each in told] == [(letter, "sent")]
