"""Posting without JavaScript: every step, every mistake with the text kept, once however often it is sent."""

import re

import pytest

from shared import ids, listings
from shared.ids import owner_of
from shared.sharding import transaction
from tests.factories import photos
from tests.factories.listings import INNSBRUCK, seller
from tests.factories.visitors import Visitor, end_sessions, forms, sign_in

FILLED = {
    "title": "Red bicycle",
    "body": "Well kept, new tyres.\n\nOnly <b>collection</b>.",
    "price_kind": "amount",
    "price_amount": "1.234,50",
    "place": "Innsbruck",
    "more": {"fields-frame_size": "56"},
}


def path(visitor: Visitor) -> str:
    return visitor.page.request.path


def start(visitor: Visitor, category: str = "bikes") -> str:
    """Begin a draft; returns its public id."""
    visitor.open("/post")
    visitor.send(category=category)
    found = re.fullmatch(r"/post/(\d+)/edit", path(visitor))
    assert found, visitor.page.text
    return found[1]


def main_actions(visitor: Visitor) -> list[str]:
    """The words of the page's buttons, and links that look like one, that stand out."""
    page = visitor.page.text.partition('<main id="main">')[2].partition("</main>")[0]
    return re.findall(r'<(?:a|button)[^>]* class="btn"[^>]*>([^<]+)<', page)


@pytest.fixture
def anna(visitor) -> Visitor:
    sign_in(visitor, seller())
    return visitor


def test_a_listing_with_two_photos_is_posted_previewed_published_edited_and_sold(anna):
    public = start(anna)
    assert "A draft that you leave alone for 30 days is deleted." in anna.page.text
    assert "A draft that you leave alone for 30 days is deleted." in anna.open("/account/listings").text
    anna.open(f"/post/{public}/edit")
    anna.send(**FILLED)
    assert path(anna) == f"/post/{public}/photos"
    for seed in (1, 2):
        anna.send(file=photos.jpeg(400, 300, seed), alt="From the left")
        assert anna.page.text.count("<img") == seed
    anna.open(f"/post/{public}/preview")
    assert "€1,234.50" in anna.page.text
    assert "&lt;b&gt;collection&lt;/b&gt;" in anna.page.text
    anna.send()
    assert path(anna) == f"/l/{public}"
    assert "56 cm" in anna.page.text
    anna.open(f"/post/{public}/edit")
    anna.send(title="Blue bicycle")
    assert "Your changes are saved." in anna.page.text
    assert "it keeps its place in lists" in anna.page.text
    anna.send("sold")
    assert anna.open(f"/l/{public}").status_code == 200
    assert "This has been sold" in anna.page.text
    assert "if it was published more than 7 days ago" in anna.open(f"/l/{public}/manage").text
    assert "Blue bicycle" in anna.open("/account/listings").text
    assert "30 days" not in anna.page.text


def test_on_each_page_of_a_listing_one_action_stands_out_and_it_is_not_deleting(anna):
    public = start(anna)
    anna.send(**FILLED)
    assert main_actions(anna) == ["Upload"]
    anna.send(file=photos.jpeg(200, 150))
    assert main_actions(anna) == ["Upload"]
    anna.open(f"/l/{public}/manage")
    assert main_actions(anna) == ["Preview and publish"]
    anna.open(f"/post/{public}/preview")
    anna.send()
    anna.open(f"/l/{public}/manage")
    assert main_actions(anna) == ["Mark as sold"]
    assert '<a class="btn alt wrong" href="/l/' in anna.page.text
    anna.send("reserve")
    assert main_actions(anna) == ["Mark as sold"]
    anna.send("sold")
    assert main_actions(anna) == ["Put it on view again"]


def test_mistakes_are_named_and_what_was_typed_stays(anna):
    start(anna)
    answer = anna.send(**{**FILLED, "title": "x", "price_amount": "a lot", "more": {"fields-frame_size": "huge"}})
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    shown = forms(answer.text)[0].fields
    assert (shown["title"], shown["price_amount"], shown["fields-frame_size"]) == ("x", "a lot", "huge")
    assert shown["body"].strip("\n") == FILLED["body"]
    for field in ("title", "price_amount", "fields-frame_size"):
        assert f'href="#f-{field}"' in answer.text
        assert f'id="e-{field}"' in answer.text
    anna.send(title="Red bicycle", price_amount="12", more={"fields-frame_size": "56"})
    assert path(anna).endswith("/photos")


def test_a_name_that_several_places_bear_is_asked_about_on_the_same_page(anna):
    public = start(anna)
    answer = anna.send(**{**FILLED, "place": "Vienna"})
    assert answer.status_code == 422
    assert "Which one is it?" in answer.text
    assert "Vienna, Austria" in answer.text
    assert forms(answer.text)[0].fields["title"] == "Red bicycle"
    anna.send(city="2761369", place_asked="Vienna")
    assert path(anna) == f"/post/{public}/photos"
    assert "Vienna, Austria" in anna.open(f"/post/{public}/edit").text


def test_a_choice_made_for_another_name_does_not_count(anna):
    public = start(anna)
    anna.send(**{**FILLED, "place": "Innsbruck"}, city="2761369", place_asked="Vienna")
    assert "Innsbruck" in anna.open(f"/post/{public}/preview").text


def test_unknown_and_repeated_fields_change_nothing_they_should_not(anna):
    public = start(anna)
    anna.send(**FILLED, owner="7", state="published", seller_name="Bo", revision="99", published_at="1", id="5")
    id = ids.from_public(int(public))
    with transaction(owner_of(id)) as session:
        row = listings.listing_for_seller(session, id, owner_of(id))
        assert (row.state, row.seller_name, row.published_at, row.city) == ("draft", "Anna", None, INNSBRUCK)


def test_the_first_form_sent_twice_makes_one_draft(anna):
    anna.open("/post")
    once = anna.page
    first = anna.send(category="bikes").request.path
    anna.page = once
    assert anna.send(category="bikes").request.path == first


def test_a_guests_first_form_sent_twice_makes_one_draft(visitor):
    visitor.open("/post")
    once = visitor.page
    first = visitor.send(category="bikes").request.path
    visitor.client.delete_cookie("guest")
    visitor.page = once
    assert visitor.send(category="bikes").request.path == first


def test_a_guest_posts_by_the_mailed_link_and_then_manages_the_listing(visitor, another):
    public = start(visitor)
    visitor.send(**FILLED)
    visitor.open(f"/post/{public}/preview")
    assert visitor.send(email="not an address").status_code == 422
    visitor.send(email="bo@example.org")
    assert path(visitor) == f"/post/{public}/sent"
    assert visitor.open(f"/l/{public}").status_code == 404
    id = ids.from_public(int(public))
    with transaction(owner_of(id)) as session:
        token = listings.mint_manage_link(session, id)
    reader = another()
    reader.open(f"/manage?token={token}")
    assert visitor.open(f"/l/{public}").status_code == 404, "opening the link must not publish"
    reader.send()
    assert "Your listing is published." in reader.page.text
    assert visitor.open(f"/l/{public}").status_code == 200
    assert "bo@example.org" not in visitor.page.text
    assert visitor.open(f"/l/{public}/manage").status_code == 404
    reader.open(f"/l/{public}/delete")
    reader.send()
    assert visitor.open(f"/l/{public}").status_code == 410


def test_a_wrong_link_is_not_found(visitor):
    for token in ("", "1.x", "../../etc", "9" * 17 + ".x", "12345.abc"):
        assert visitor.open(f"/manage?token={token}").status_code == 404


def test_photos_are_put_first_described_and_removed(anna):
    start(anna)
    anna.send(**FILLED)
    anna.send(file=photos.jpeg(400, 300, 1))
    anna.send(file=photos.jpeg(400, 300, 2))
    first, second = re.findall(r'<img src="([^"]+)"', anna.page.text)
    anna.send("first")
    assert re.findall(r'<img src="([^"]+)"', anna.page.text) == [second, first]
    anna.send("alt", alt='Bell & "frame" <i>')
    assert "Bell &amp; &#34;frame&#34; &lt;i&gt;" in anna.page.text
    anna.send("remove")
    assert re.findall(r'<img src="([^"]+)"', anna.page.text) == [first]
    with anna.open(first) as file:
        assert file.mimetype == "image/jpeg"


@pytest.mark.parametrize("file", [b"no picture at all", photos.truncated(), photos.pixel_bomb()])
def test_a_bad_photo_is_refused_in_words_and_the_others_stay(anna, file):
    start(anna)
    anna.send(**FILLED)
    anna.send(file=photos.jpeg(200, 150))
    answer = anna.send(file=file)
    assert answer.status_code == 422
    assert 'id="e-photo"' in answer.text
    assert answer.text.count("<img") == 1


def test_a_photo_sent_twice_is_there_once(anna):
    start(anna)
    anna.send(**FILLED)
    once = anna.page
    anna.send(file=photos.jpeg(200, 150))
    anna.page = once
    assert anna.send(file=photos.jpeg(200, 150)).text.count("<img") == 1


def test_more_than_ten_megabytes_get_a_page_that_says_so_and_leads_back_to_the_photos(anna):
    public = start(anna)
    anna.send(**FILLED)
    answer = anna.send(file=bytes(11_000_000))
    assert answer.status_code == 413
    assert "10 MB at most" in answer.text
    assert f'<a href="/post/{public}/photos">Back to the form</a>' in answer.text


def test_uploading_nothing_asks_for_a_photo_and_names_the_way_on(anna):
    start(anna)
    anna.send(**FILLED)
    answer = anna.send(alt="From the left")
    assert answer.status_code == 422
    assert "Choose a photo to upload, or go on without one below." in answer.text
    assert 'value="From the left"' in answer.text
    assert ">Continue without photos</a>" in answer.text


def test_too_much_text_is_not_called_a_photo(anna):
    public = start(anna)
    answer = anna.client.post(f"/post/{public}/edit", data={"body": "x" * 300_000})
    assert answer.status_code == 413
    assert "photo" not in answer.text


def test_other_peoples_listings_and_numbers_that_are_none_are_not_found(anna, another):
    public = start(anna)
    anna.send(**FILLED)
    anna.send(file=photos.jpeg(200, 150))
    stranger, guest = another(), another()
    sign_in(stranger, seller("Bo"), "Bo")
    for who in (stranger, guest):
        who.open("/post")
        token = forms(who.page.text)[0].fields
        for number in (public, "0", "1", str(2**53 - 1), str(2**53), "9" * 30):
            for step in ("edit", "category", "photos", "preview", "sent"):
                assert who.open(f"/post/{number}/{step}").status_code == 404
            for page in ("manage", "delete"):
                assert who.open(f"/l/{number}/{page}").status_code == 404
            for target in ("edit", "category", "photos", "publish", "photos/1"):
                answer = who.client.post(
                    f"/post/{number}/{target}", data={**token, "category": "bikes", "action": "remove"}
                )
                assert answer.status_code == 404, target
            for target in ("manage", "delete"):
                answer = who.client.post(f"/l/{number}/{target}", data={**token, "action": "sold"})
                assert answer.status_code == 404
    assert anna.open(f"/post/{public}/photos").text.count("<img") == 1


def test_forms_without_a_token_are_refused(anna):
    public = start(anna)
    for target in ("/post", f"/post/{public}/edit", f"/post/{public}/publish", f"/l/{public}/delete", "/manage"):
        assert anna.client.post(target, data={"category": "bikes"}).status_code == 403


def test_the_category_of_a_draft_can_change_and_common_details_stay(anna):
    public = start(anna, "cars")
    anna.send(**{**FILLED, "price_kind": "ask", "more": {"fields-make": "Steyr"}})
    anna.open(f"/post/{public}/category")
    anna.send(category="bikes")
    shown = forms(anna.page.text)[0].fields
    assert shown["title"] == "Red bicycle"
    assert "fields-make" not in shown


def test_numbers_may_be_typed_on_any_keyboard_but_the_ids_of_our_own_choices_may_not(anna):
    public = start(anna)
    anna.send(**{**FILLED, "price_amount": "١٢٥٠", "more": {"coordinates": "٤٧.٢٦٩٢, ١١.٤٠٤١"}})
    anna.open(f"/post/{public}/edit")
    shown = forms(anna.page.text)[0].fields
    assert (shown["price_amount"], shown["coordinates"]) == ("1250.00", "47.2692, 11.4041")
    elsewhere = "".join(chr(0x660 + int(digit)) for digit in shown["city"])
    anna.send(place="Springfield", place_asked="Springfield", city=elsewhere)
    assert "There are several places" in anna.page.text


def test_drafts_without_end_do_not_fill_a_strangers_mailbox(another):
    answers = []
    for _ in range(12):
        guest = another()
        public = start(guest)
        guest.send(**FILLED)
        guest.open(f"/post/{public}/preview")
        answers.append(guest.send(email="victim@example.org").status_code)
    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_sold_listing_offers_no_form_that_could_not_be_saved(anna):
    public = start(anna)
    anna.send(**FILLED)
    anna.open(f"/post/{public}/preview")
    anna.send()
    anna.open(f"/l/{public}/manage")
    anna.send("sold")
    for step in ("edit", "photos"):
        anna.open(f"/post/{public}/{step}")
        assert path(anna) == f"/l/{public}/manage"
        assert "Put it on view again before you change it." in anna.page.text


def test_who_is_logged_out_is_told_how_to_come_back_to_a_listing_whether_it_exists_or_not(anna, another):
    public, logged_out, stranger = start(anna), another(), another()
    sign_in(stranger, seller("Bo"), "Bo")
    for number in (public, "1"):
        assert "log in and open this page again" in logged_out.open(f"/post/{number}/edit").text
        assert "log in" not in stranger.open(f"/post/{number}/edit").text


def test_a_photo_that_comes_after_the_session_ended_leads_to_the_login_and_back_to_the_photos(anna):
    public = start(anna)
    anna.send(**FILLED)
    end_sessions(anna)
    answer = anna.send(file=photos.jpeg(400, 300, 1))
    assert path(anna) == "/login"
    assert answer.request.args["next"] == f"/post/{public}/photos"
    assert "choose the photo and send it again" in answer.text
    assert anna.client.get_cookie("session") is None, "what is sent next must not be taken for the old session"


def test_publishing_after_the_session_ended_leads_to_the_login_and_back_to_the_preview(anna):
    public = start(anna)
    anna.send(**FILLED)
    anna.open(f"/post/{public}/preview")
    end_sessions(anna)
    answer = anna.send()
    assert path(anna) == "/login"
    assert answer.request.args["next"] == f"/post/{public}/preview"
    assert "nothing was changed. Log in, then send it again." in answer.text
