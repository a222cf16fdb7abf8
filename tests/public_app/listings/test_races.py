"""The same form from two fingers at once: one effect, and an answer for both."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from shared import ids, listings
from shared.sharding import read
from tests.factories.listings import draft, seller
from tests.factories.visitors import Visitor, forms, sign_in

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
