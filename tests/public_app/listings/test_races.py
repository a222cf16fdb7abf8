"""The same form from two fingers at once, or from two windows: one effect, and an answer for both."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from shared import ids, listings
from shared.sharding import read
from tests.factories.listings import draft, published, seller
from tests.factories.visitors import Form, Visitor, forms, sign_in

TIMES = 8


def send_at_once(app, page: str, owner: int, **changes: str) -> list[tuple[int, str]]:
    """Open the page once and send its form several times at once; statuses and where each led."""
    visitor = Visitor(app)
    sign_in(visitor, owner)
    form = forms(visitor.open(page).text)[0]
    cookies = f"session={owner}"

    def send(_: int) -> tuple[int, str]:
        client = app.test_client(use_cookies=False)
        answer = client.post(form.action, data={**form.fields, **changes}, headers={"Cookie": cookies})
        return answer.status_code, urlsplit(answer.location or "").path

    with ThreadPoolExecutor(TIMES) as pool:
        return list(pool.map(send, range(TIMES)))


def own(owner: int) -> list[str]:
    with read(owner) as session:
        return [row.state for row in listings.own(session)]


def test_one_draft_from_a_form_sent_at_once(app):
    owner = seller()
    answers = send_at_once(app, "/post", owner, category="bikes")
    assert {status for status, _ in answers} == {303}
    assert len({location for _, location in answers}) == 1
    assert own(owner) == ["draft"]


def test_publishing_at_once_leads_everybody_to_the_one_listing(app):
    owner = seller()
    public = ids.public(draft(owner))
    answers = send_at_once(app, f"/post/{public}/preview", owner)
    assert set(answers) == {(303, f"/l/{public}")}
    assert own(owner) == ["published"]


def test_deleting_at_once_deletes_once_and_the_rest_find_nothing(app):
    owner = seller()
    public = ids.public(draft(owner))
    answers = send_at_once(app, f"/l/{public}/delete", owner)
    assert sorted(status for status, _ in answers) == [303] + [404] * (TIMES - 1)
    assert own(owner) == []


def saved_from(page: Form, app, owner: int, **changes: str):
    """Send a form that was opened before, with these changes."""
    return app.test_client(use_cookies=False).post(
        page.action, data={**page.fields, **changes}, headers={"Cookie": f"session={owner}"}
    )


def titles(owner: int) -> list[str]:
    with read(owner) as session:
        return [row.title for row in listings.own(session)]


def test_a_form_left_open_in_another_window_replaces_nothing_unasked(app):
    owner = seller()
    address = f"/post/{ids.public(published(owner))}/edit"
    visitor = Visitor(app)
    sign_in(visitor, owner)
    first, second = (forms(visitor.open(address).text)[0] for _ in range(2))
    assert saved_from(first, app, owner, title="Blue bicycle").status_code == 303
    refused = saved_from(second, app, owner, title="Green bicycle")
    assert (refused.status_code, titles(owner)) == (409, ["Blue bicycle"])
    assert "was changed after you had opened this form" in refused.text
    again = forms(refused.text)[0]
    assert again.fields["title"] == "Green bicycle"
    assert saved_from(again, app, owner).status_code == 303
    assert titles(owner) == ["Green bicycle"]


def test_saving_the_same_twice_is_no_conflict(app):
    owner = seller()
    visitor = Visitor(app)
    sign_in(visitor, owner)
    form = forms(visitor.open(f"/post/{ids.public(published(owner))}/edit").text)[0]
    assert [saved_from(form, app, owner, title="Blue bicycle").status_code for _ in range(2)] == [303, 303]


def test_a_mistake_in_a_form_that_was_overtaken_does_not_hide_it(app):
    owner = seller()
    visitor = Visitor(app)
    sign_in(visitor, owner)
    address = f"/post/{ids.public(published(owner))}/edit"
    first, second = (forms(visitor.open(address).text)[0] for _ in range(2))
    saved_from(first, app, owner, title="Blue bicycle")
    wrong = saved_from(second, app, owner, title="")
    assert wrong.status_code == 422
    assert saved_from(forms(wrong.text)[0], app, owner, title="Green bicycle").status_code == 409
