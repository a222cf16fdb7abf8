"""Every mail, rendered: two parts that say the same, small, readable in the dark, and telling nobody who reads it."""

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import mailing
from shared.gateways.mail import Mail, Sender, compose
from tests.factories.mails import mailing_by
from tests.factories.settings import settings

FOLDER = Path(mailing.__file__).parents[1] / "templates" / "mail"
NAMES = sorted(
    str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.txt") if path.parent.name != "shared"
)
LINK = "http://127.0.0.1:8000/somewhere/0123456789abcdef"
# A name and a title that would break out of whatever does not escape them.
NASTY = "Eve <b>&\"' \u202eX"
STOP = {"unsubscribe": f"{LINK}/alerts", "choices": LINK}
LARGEST = 8_000
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*(?!inherit)")


def rendered(name: str, context: dict[str, Any], stop: bool = False) -> tuple[str, str, str]:
    links = STOP if stop else {"unsubscribe": None, "choices": None}
    return mailing.render(name, **context, **links)


@pytest.fixture(autouse=True)
def _site(tmp_path):
    with mailing_by(settings(tmp_path)):
        yield


class Page(HTMLParser):
    """What a mail program would load or show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.isolated: list[bool] = []
        self.of_others: set[bool] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)
            self.isolated.append(tag == "bdi" or ("dir", "auto") in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"
        self.isolated.pop()

    def handle_data(self, data: str) -> None:
        if "Eve" in data and self.open[-1] != "title":
            self.of_others.add(any(self.isolated))

    def links(self) -> set[str]:
        return {given["href"] for tag, given in self.tags if tag == "a"}


def listing(**more: Any) -> SimpleNamespace:
    return SimpleNamespace(link=LINK, title=NASTY, price="EUR 120", place="Innsbruck", **more)


def search(*items: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(name=NASTY, items=items, more=3, link=f"{LINK}/all", manage=f"{LINK}/manage")


ENDPOINT = SimpleNamespace(url="https://shop.example/hook", description=NASTY, failures=5, waiting=7, reason="gone")
WEBHOOK = {"endpoint": ENDPOINT, "link": LINK, "health": "failing_72h"}
LINKED = {"link": LINK}
SAMPLES: dict[str, dict[str, Any]] = {
    "accounts/address_change": {"link": LINK, "address": "new@example.org"},
    "accounts/address_change_notice": LINKED,
    "accounts/address_changed": {"answered": True},
    "accounts/closed": {},
    "accounts/confirm": {"link": LINK, "name_of_user": NASTY},
    "accounts/mail_check": LINKED,
    "accounts/password_changed": LINKED,
    "accounts/reset": LINKED,
    "accounts/signup_repeated": {"link": LINK, "login": f"{LINK}/login"},
    "accounts/warning": {"words": NASTY, "about": LINK},
    "accounts/welcome": {"post": f"{LINK}/post", "account": LINK},
    "alerts/confirm": {"name_of_search": NASTY, "link": LINK},
    "alerts/found": {"searches": [search(listing(), listing()), search(listing())], "count": 9},
    "alerts/price_drops": {"items": [listing(before="EUR 150")] * 2, "favourites": LINK},
    "listings/expiring": {
        "title": NASTY,
        "expires_at": 1_800_000_000,
        **{verb: f"{LINK}/{verb}" for verb in ("renew", "sold", "delete")},
    },
    "listings/manage": {"title": NASTY, "link": LINK},
    "messages/received": {
        "sender_name": NASTY,
        "title": NASTY,
        "texts": [NASTY, "Two\nlines"],
        "more": 1,
        "seller": True,
        "answer": "relay",
        "account": True,
        "link": LINK,
    },
    "newsletters/letter": {"title": NASTY, "words": f"{NASTY}\n\nTwo\nlines, and {LINK}."},
    "operators/doctor": {"words": f"fail  mail  {NASTY}"},
    "operators/usage": {"lines": [SimpleNamespace(words="sign-ups", amount=1_234)]},
    "webhooks/disabled": WEBHOOK,
    "webhooks/failing": WEBHOOK,
    "webhooks/recovered": WEBHOOK,
}
OPTIONAL = {name for name in NAMES if not name.startswith(mailing.TRANSACTIONAL)}


def test_there_is_a_sample_of_every_mail():
    assert set(SAMPLES) == set(NAMES)


def test_what_one_can_do_without_needs_a_kind():
    assert {"messages/received", "alerts/found", "listings/expiring", "newsletters/letter"} < OPTIONAL
    for name in OPTIONAL:
        with pytest.raises(ValueError, match="needs a kind"):
            mailing.send("anna@example.org", name, key="x", **SAMPLES[name])


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_what_one_can_do_without_says_in_both_parts_how_to_stop_it(name):
    _, text, html = rendered(name, SAMPLES[name], stop=True)
    assert STOP["unsubscribe"] in text and f"{LINK}\n" in text
    assert set(STOP.values()) <= Page(html).links()


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_make_one_mail(name):
    subject, text, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    assert subject and "\n" not in subject and not re.search(r"[{}]|None|Undefined", subject)
    assert not re.search(r"{[{%]|\bNone\b", text + html)
    compose(Mail("anna@example.org", subject.replace("\u202e", ""), text, html), Sender("a@example.org", "Market"))
    assert len(text) + len(html) < LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_the_text_says_all_that_the_page_links_to(name):
    _, text, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    for link in Page(html).links() - {"http://127.0.0.1:8000"}:
        assert link in text, link


@pytest.mark.parametrize("name", NAMES)
def test_what_others_wrote_is_shown_and_does_nothing(name):
    _, _, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    assert "Eve <b>" not in html
    assert ("Eve &lt;b&gt;" in html) is ("Eve <b>" in repr(SAMPLES[name])), "escaped, not lost"


@pytest.mark.parametrize("name", NAMES)
def test_what_others_wrote_from_right_to_left_turns_nothing_else_around(name):
    _, _, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    assert Page(html).of_others == ({True} if "Eve <b>" in repr(SAMPLES[name]) else set())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_and_nobody_is_told_who_reads_it(name):
    _, _, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    page = Page(html)
    assert page.open == [], "every element is closed"
    assert not {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe", "form", "style", "svg", "object"}
    assert not re.search(r"url\(|@import", html)
    assert {link.partition("/somewhere")[0] for link in page.links()} <= {"http://127.0.0.1:8000"}


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_read_in_the_dark(name):
    """Whoever sets a colour sets the background too, or leaves both to the mail program."""
    _, _, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    assert '<meta name="color-scheme" content="light dark">' in html
    for tag, given in Page(html).tags:
        style = given.get("style", "")
        assert bool(_COLOUR.search(style)) is ("background" in style), (tag, style)


@pytest.mark.parametrize("name", NAMES)
def test_a_long_address_does_not_widen_a_small_screen(name):
    _, _, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    (body,) = (given for tag, given in Page(html).tags if tag == "body")
    assert "overflow-wrap:anywhere" in body["style"]


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_says_why_it_came(name):
    _, text, html = rendered(name, SAMPLES[name], stop=name in OPTIONAL)
    assert "You get this" in text.partition("\n--\n")[2]
    assert "You get this" in html
