"""Who may do what, for every address of the public site: a new route is in this table, or the test fails.

Of a listing, a draft or a message, everybody but its owner gets a 404; a form without a token changes nothing.
"""

import re
from typing import NamedTuple

import pytest

from tests.journeys.pages import Street, app_of
from tests.journeys.site import Site, demo_person
from tests.journeys.visitor import Reply, Visitor
from tests.security.state import changed, contents

ANYBODY, SIGNED_IN, OWNER, TOKEN = "anybody", "signed in", "owner", "whoever has the link"


class Access(NamedTuple):
    """Who may GET and who may POST; "" where the method does not exist."""

    get: str = ""
    post: str = ""


ACCESS = {
    "/": Access(ANYBODY),
    "/healthz": Access(ANYBODY),
    "/readyz": Access(ANYBODY),
    "/robots.txt": Access(ANYBODY),
    "/search": Access(ANYBODY),
    "/search.atom": Access(ANYBODY),
    "/search/suggest": Access(ANYBODY),
    "/feed.atom": Access(ANYBODY),
    "/login": Access(ANYBODY, ANYBODY),
    "/signup": Access(ANYBODY, ANYBODY),
    "/signup/sent": Access(ANYBODY),
    "/reset": Access(ANYBODY, ANYBODY),
    "/reset/sent": Access(ANYBODY),
    "/reset/<token>": Access(TOKEN, TOKEN),
    "/account/confirm": Access(ANYBODY, ANYBODY),
    "/account/confirm/sent": Access(ANYBODY),
    "/account/confirm/<token>": Access(TOKEN, TOKEN),
    "/account/email/<token>": Access(TOKEN, TOKEN),
    "/logout": Access("", SIGNED_IN),
    "/account": Access(SIGNED_IN),
    "/account/name": Access(SIGNED_IN, SIGNED_IN),
    "/account/email": Access(SIGNED_IN, SIGNED_IN),
    "/account/password": Access(SIGNED_IN, SIGNED_IN),
    "/account/sessions": Access("", SIGNED_IN),
    "/account/export": Access(SIGNED_IN),
    "/account/close": Access(SIGNED_IN, SIGNED_IN),
    "/account/mail": Access(SIGNED_IN, SIGNED_IN),
    "/mail/<token>": Access(TOKEN, TOKEN),
    "/mail/<token>/<kind>": Access(TOKEN, TOKEN),
    "/mail/arrived/<token>": Access(TOKEN, TOKEN),
    "/expiring/<token>/<choice>": Access(TOKEN, TOKEN),
    "/account/listings": Access(SIGNED_IN),
    "/account/messages": Access(SIGNED_IN),
    "/account/messages/archive": Access(SIGNED_IN),
    "/account/messages/blocked": Access(SIGNED_IN, SIGNED_IN),
    "/account/messages/<int:public>": Access(OWNER, OWNER),
    "/account/messages/<int:public>/answer": Access("", OWNER),
    "/account/messages/<int:public>/archive": Access("", OWNER),
    "/account/messages/<int:public>/block": Access(OWNER, OWNER),
    "/account/messages/<int:public>/delete": Access(OWNER, OWNER),
    "/account/messages/<int:public>/live": Access(OWNER),
    "/account/messages/<int:public>/offer": Access("", OWNER),
    "/account/messages/<int:public>/report": Access(OWNER, OWNER),
    "/account/webhooks": Access(SIGNED_IN),
    "/account/webhooks/add": Access(SIGNED_IN, SIGNED_IN),
    "/account/webhooks/<int:public>": Access(OWNER),
    "/account/webhooks/<int:public>/act": Access("", OWNER),
    "/account/webhooks/<int:public>/delete": Access(OWNER, OWNER),
    "/account/webhooks/<int:public>/deliveries": Access(OWNER),
    "/account/webhooks/<int:public>/deliveries/<int:delivery>": Access(OWNER),
    "/account/webhooks/<int:public>/deliveries/<int:delivery>/again": Access("", OWNER),
    "/account/webhooks/<int:public>/edit": Access(OWNER, OWNER),
    "/account/webhooks/<int:public>/replay": Access(OWNER, OWNER),
    "/account/webhooks/<int:public>/secret": Access(OWNER, OWNER),
    "/account/webhooks/<int:public>/test": Access("", OWNER),
    "/developers/webhooks": Access(ANYBODY),
    "/account/searches": Access(SIGNED_IN),
    "/account/searches/<int:public>": Access(OWNER, OWNER),
    "/searches/new": Access(ANYBODY, ANYBODY),
    "/searches/sent": Access(ANYBODY),
    "/searches/<token>": Access(TOKEN, TOKEN),
    "/favourites": Access(SIGNED_IN),
    "/post": Access(ANYBODY, ANYBODY),
    "/post/<int:public>/category": Access(OWNER, OWNER),
    "/post/<int:public>/edit": Access(OWNER, OWNER),
    "/post/<int:public>/photos": Access(OWNER, OWNER),
    "/post/<int:public>/photos/<int:photo>": Access("", OWNER),
    "/post/<int:public>/preview": Access(OWNER),
    "/post/<int:public>/publish": Access("", OWNER),
    "/post/<int:public>/sent": Access(OWNER),
    "/manage": Access(TOKEN, TOKEN),
    "/l/<int:public>": Access(ANYBODY),
    "/l/<int:public>/photo/<int:number>": Access(ANYBODY),
    "/l/<int:public>/reply": Access(SIGNED_IN, SIGNED_IN),
    "/l/<int:public>/report": Access(ANYBODY, ANYBODY),
    "/l/<int:public>/save": Access(SIGNED_IN, SIGNED_IN),
    "/l/<int:public>/manage": Access(OWNER, OWNER),
    "/l/<int:public>/delete": Access(OWNER, OWNER),
    "/u/<int:public>": Access(ANYBODY),
    "/photos/<name>": Access(ANYBODY),
    # Behind a proxy, as this site is, there is no such page: tests/public_app/mailbox.
    "/dev/mail": Access(TOKEN),
    "/dev/mail/<key>": Access(TOKEN),
    "/dev/mail/<key>/html": Access(TOKEN),
}
# The link is the whole proof: a mail program has no form of ours (RFC 8058).
ONE_CLICK = {"/mail/<token>/<kind>"}
# Browse pages, their feeds and the sitemaps are for everybody, and for reading only.
FOR_READING = re.compile(r"/(in|c)/.*|/sitemap.*")
# Who is logged out is led to the login before it is asked whose they are.
_ACCOUNTS = ("/account/messages/", "/account/searches/", "/account/webhooks/")
GETS = [rule for rule, access in ACCESS.items() if access.get]
POSTS = [rule for rule, access in ACCESS.items() if access.post]


@pytest.fixture(scope="module")
def people(site: Site, street: Street) -> dict[str, Visitor]:
    """Each has a token for forms."""
    people = {"anonymous": Visitor(site), "owner": street.seller, "other": Visitor(site).log_in(*demo_person(6))}
    people["anonymous"].get("/login")
    return people


def test_every_route_is_in_the_table(site: Site) -> None:
    rules = {str(rule): rule.methods or set() for rule in app_of(site).url_map.iter_rules()}
    methods: dict[str, set[str]] = {}
    for rule in app_of(site).url_map.iter_rules():
        methods.setdefault(str(rule), set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    reading = {rule for rule in rules if FOR_READING.fullmatch(rule)}
    assert {rule: found for rule, found in methods.items() if rule in reading and found != {"GET"}} == {}
    told = {rule: {method for method, who in (("GET", a.get), ("POST", a.post)) if who} for rule, a in ACCESS.items()}
    assert {rule: found for rule, found in methods.items() if rule not in reading} == told


@pytest.mark.parametrize("rule", GETS)
def test_pages_open_to_whom_they_are_for(street: Street, people: dict[str, Visitor], rule: str) -> None:
    path, who = _path(street, rule), ACCESS[rule].get
    for name, visitor in people.items():
        reply = visitor.get(path)
        assert _fits(reply, who, name), f"{name} got {reply.status} {reply.location}"


@pytest.mark.parametrize("rule", [rule for rule in POSTS if ACCESS[rule].post not in (ANYBODY, SIGNED_IN)])
def test_forms_of_others_are_not_found_and_change_nothing(
    site: Site, street: Street, people: dict[str, Visitor], rule: str
) -> None:
    before = contents(site)
    for name in ("anonymous", "other"):
        visitor = people[name]
        reply = visitor.post(_path(street, rule), [*_tokens(visitor), ("action", "remove"), ("category", "household")])
        expected = (303,) if name == "anonymous" and rule.startswith(_ACCOUNTS) else (404, 410)
        assert reply.status in expected, f"{name} got {reply.status} {reply.location}"
    assert changed(before, site) == []


@pytest.mark.parametrize("rule", [rule for rule in POSTS if ACCESS[rule].post == SIGNED_IN])
def test_forms_of_accounts_send_the_signed_out_to_log_in(
    site: Site, street: Street, people: dict[str, Visitor], rule: str
) -> None:
    before = contents(site)
    reply = people["anonymous"].post(_path(street, rule), _tokens(people["anonymous"]))
    assert (reply.status, reply.location.partition("?")[0]) == (303, "/login")
    assert changed(before, site) == []


@pytest.mark.parametrize("rule", [rule for rule in POSTS if rule not in ONE_CLICK])
def test_forms_without_the_right_token_change_nothing(
    site: Site, street: Street, people: dict[str, Visitor], rule: str
) -> None:
    before, path = contents(site), _path(street, rule)
    stale = people["other"].get("/post").form().fields
    for fields in ([], [("csrf_token", "")], [("csrf_token", "A" * 43)], [("csrf_token", "é")], stale):
        assert people["owner"].post(path, fields).status == 403
    assert people["owner"].send("POST", path, b"{}", "application/json").status == 403
    assert changed(before, site) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused(people: dict[str, Visitor], street: Street, method: str) -> None:
    assert {people["owner"].send(method, path).status for path in ("/", street.listing, "/account")} == {405}


def test_a_form_that_another_site_sends_is_refused(site: Site, people: dict[str, Visitor]) -> None:
    before, owner = contents(site), people["owner"]
    body = f"csrf_token={dict(_tokens(owner))['csrf_token']}&session=all".encode()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        sent = owner.send("POST", "/account/sessions", body, "application/x-www-form-urlencoded", headers)
        assert sent.status == 403
    assert changed(before, site) == []


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/a\r\nb: c", "/%0a"]
)
def test_logging_in_leads_on_to_own_pages_only(site: Site, target: str) -> None:
    visitor = Visitor(site)
    email, password = demo_person(7)
    reply = visitor.submit(visitor.get("/login"), email=email, password=password, next=target)
    assert "evil" not in reply.location
    assert reply.location in ("/account", "/%0a", "")


def _fits(reply: Reply, who: str, name: str) -> bool:
    """Whether an answer to a GET is what the table says."""
    if who == TOKEN:
        return reply.status in (404, 410)
    if who == ANYBODY or name == "owner" or (who == SIGNED_IN and name == "other"):
        # One can neither write to oneself nor report oneself.
        to_oneself = name == "owner" and reply.path.endswith(("/reply", "/report"))
        return reply.status < 400 or (to_oneself and reply.status == 409)
    if who == SIGNED_IN or reply.path.startswith("/account/"):
        return reply.status == (303 if name == "anonymous" else 404)
    return reply.status == 404


def _tokens(visitor: Visitor) -> list[tuple[str, str]]:
    """What a form of this visitor would carry."""
    fields = dict(visitor.get("/post").form().fields)
    return [(name, fields[name]) for name in ("csrf_token", "form_token")]


def _path(street: Street, rule: str) -> str:
    """An address of the rule, at something that the owner has."""
    draft, listing, message = (text.rpartition("/")[2] for text in (street.draft, street.listing, street.message))
    number = {
        "/account/messages/": message,
        "/account/searches/": street.search,
        "/l/": listing,
        "/u/": street.seller_page,
        "/post/": draft,
    }
    number["/account/webhooks/"], delivery = street.delivery.split("/deliveries/")
    public = next((value.rpartition("/")[2] for prefix, value in number.items() if rule.startswith(prefix)), "")
    if "<int:photo>" in rule:
        public, photo = listing, street.photo
        return rule.replace("<int:public>", public).replace("<int:photo>", photo)
    path = rule.replace("<int:public>", public).replace("<int:number>", "1").replace("<token>", "no-such-token")
    path = path.replace("<name>", street.photo_file).replace("<kind>", "alerts").replace("<choice>", "delete")
    path = path.replace("<key>", "0" * 32).replace("<int:delivery>", delivery)
    return f"{path}?token=no-such-token" if rule == "/manage" else path
