"""Nonsense and malice in every parameter and every field: an answer below 500, and what is refused changes nothing."""

from urllib.parse import quote, quote_from_bytes

import pytest

from tests.journeys.pages import Street
from tests.journeys.site import Site, demo_person
from tests.journeys.visitor import Form, Visitor
from tests.security.state import changed, contents

HOSTILE: dict[str, str | bytes] = {
    "empty": "",
    "blank": " \t ",
    "NUL": "a\0b",
    "escape sequence": "\x1b[31mred",
    "line breaks": "a\r\nBcc: everybody@example.org",
    "invalid UTF-8": b"\xff\xfe\xc3\x28",
    "overlong UTF-8": b"\xc0\xaf..\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "right to left": "\u202egpj.exe\u2066",
    "combining": "e" + "\u0301" * 500,
    "long": "x" * 20_000,
    "path": "../../../../etc/passwd",
    "encoded path": "..%2f..%2fetc%2fpasswd",
    "SQL": "' OR 1=1; DROP TABLE listing; --",
    "markup": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }}{% include '/etc/passwd' %}${7*7}",
    "format": "%s%n%(x)s{0}",
    "negative": "-1",
    "zero": "0",
    "billion": "1000000000",
    "huge": "9" * 400,
    "float": "1e309",
    "not a number": "NaN",
    "other digits": "١٢٣",
    "hex": "0x10",
    "list": "[1,2]",
    "object": '{"$gt": ""}',
    "true": "true",
    "wildcards": "%_*?",
    "regex": "(a+)+$" + "a" * 60,
}
PARAMETERS = {
    "/search": (
        "q",
        "place",
        "category",
        "min_price",
        "max_price",
        "condition",
        "since",
        "sort",
        "photo",
        "near",
        "km",
        "exact",
        "currency",
        "view",
        "d_year_from",
        "page",
        "after",
    ),
    "/search/suggest": ("q",),
    "/search.atom": ("q", "place", "category", "min_price", "sort"),
    "/": ("after", "view"),
    "/c/furniture": ("after", "view", "page"),
    "/in/at": ("after", "view"),
    "/c/furniture/in/at/feed.atom": ("after",),
    "/login": ("next",),
    "/manage": ("token",),
    "/post": ("category",),
    "{listing}": ("text",),
    "/u/{seller}": ("after",),
    "/account/listings": ("after",),
    "/account/messages": ("after",),
    "{endpoint}/deliveries": ("type", "state", "after"),
    "{endpoint}/replay": ("which", "since", "until", "types", "to"),
    "{delivery}": ("attempt",),
    "{message}": ("before", "after"),
    "{message}/report": ("message",),
    "/favourites": ("after",),
    "/searches/new": ("q", "place", "category", "min_price", "near", "km", "d_year_from"),
}
PATHS = (
    "/{}",
    "/in/{}",
    "/in/at/{}",
    "/c/{}",
    "/c/furniture/in/{}",
    "/l/{}",
    "/l/{}/reply",
    "/u/{}",
    "/photos/{}",
    "/reset/{}",
)
PATHS += (
    "/account/messages/{}",
    "/account/webhooks/{}",
    "/account/webhooks/{0}/deliveries/{0}",
    "/account/confirm/{}",
    "/account/searches/{}",
    "/searches/{}",
    "/post/{}/edit",
    "/sitemaps/{}.xml",
    "/static/{}",
    "{listing}/photo/{}",
)


@pytest.mark.parametrize("page", PARAMETERS)
def test_parameters_of_pages(street: Street, page: str) -> None:
    names = {"listing": street.listing, "seller": street.seller_page, "message": street.message}
    names |= {"endpoint": street.endpoint, "delivery": street.delivery}
    visitor, path = street.seller, page.format(**names)
    answers = {
        f"{name}={kind}": visitor.get(f"{path}?{name}={_quoted(value)}").status
        for name in PARAMETERS[page]
        for kind, value in HOSTILE.items()
    }
    many = "&".join(f"{name}=x" for name in PARAMETERS[page] for _ in range(50))
    answers["everything many times"] = visitor.get(f"{path}?{many}").status
    answers["only separators"] = visitor.get(f"{path}?&&==&%&=%zz").status
    assert {what: status for what, status in answers.items() if not 200 <= status < 500} == {}


@pytest.mark.parametrize("shape", PATHS)
def test_parts_of_addresses(street: Street, shape: str) -> None:
    answers = {}
    for kind, value in HOSTILE.items():
        path = shape.replace("{listing}", street.listing).format(_quoted(value) or "%20")
        answers[kind] = street.seller.get(path).status
    assert {what: status for what, status in answers.items() if not 200 <= status < 500} == {}


FORMS = {
    "sign up": "/signup",
    "log in": "/login",
    "reset": "/reset",
    "confirmation": "/account/confirm",
    "name": "/account/name",
    "e-mail address": "/account/email",
    "password": "/account/password",
    "close": "/account/close",
    "category": "/post",
    "other category": "{draft}/category",
    "details": "{draft}/edit",
    "photo": "{draft}/photos",
    "action": "{listing}/manage",
    "save": "{theirs}/save",
    "message": "{theirs}/reply",
    "answer": "{message} body",
    "offer": "{message} amount",
    "report a listing": "{theirs}/report",
    "report messages": "{message}/report",
    "new endpoint": "/account/webhooks/add",
    "endpoint": "{endpoint}/edit",
    "new secret": "{endpoint}/secret",
    "save a search": "/searches/new?q=walnut",
    "saved search": "/account/searches/{search} name",
    "link of a guest": "{guest}/preview",
}
# Signed-out people fill these in; each try comes from another network, as throttles would answer the rest.
_SIGNED_OUT = {"sign up", "log in", "reset", "confirmation"}


@pytest.mark.parametrize("name", FORMS)
def test_fields_of_forms(site: Site, street: Street, name: str) -> None:
    theirs = next(link for link in Visitor(site).get("/c/cars").links if link.startswith("/l/"))
    path = FORMS[name].format(
        draft=street.draft,
        listing=street.listing,
        theirs=theirs,
        message=street.message,
        guest=street.guest_draft,
        endpoint=street.endpoint,
        search=street.search,
    )
    visitor = street.guest if name == "link of a guest" else Visitor(site) if name in _SIGNED_OUT else street.seller
    form = _form(visitor, path)
    fields = dict.fromkeys([*dict(form.fields), *dict(form.buttons), "unknown", "owner", "state"])
    before, wrong = contents(site), list[str]()
    for field in [field for field in fields if field and field != "csrf_token"]:
        for kind, value in HOSTILE.items():
            sender = Visitor(site) if name in _SIGNED_OUT else visitor
            sent = _form(sender, path) if name in _SIGNED_OUT else form
            reply = sender.post(sent.action, sent.filled({field: value}))
            if reply.status >= 500:
                wrong.append(f"{field}, {kind}: {reply.status}")
            elif reply.status >= 400:
                wrong += [f"{field}, {kind}: {reply.status}, and yet {row}" for row in changed(before, site)]
            if reply.status < 400 or wrong:
                before = contents(site)
    assert wrong == []


def _form(visitor: Visitor, address: str) -> Form:
    """The form of a page: its last one, or the one with the field that is named after the path."""
    path, _, field = address.partition(" ")
    page = visitor.get(path)
    assert page.status == 200, (path, page.status)
    return page.form(field or "csrf_token")


def test_large_bodies_are_refused_everywhere(site: Site, street: Street) -> None:
    visitor = Visitor(site).log_in(*demo_person(8))
    token = dict(visitor.get("/post").form().fields)["csrf_token"]
    body = f"csrf_token={token}&title=".encode() + b"x" * 10_000_000
    paths = [
        "/login",
        "/signup",
        "/post",
        "/account/name",
        f"{street.listing}/reply",
        f"{street.draft}/edit",
        "/manage",
    ]
    media_types = [
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
    ]
    before = contents(site)
    answers = {
        f"{path} {kind}": visitor.send("POST", path, body, kind).status for path in paths for kind in media_types
    }
    assert {what: status for what, status in answers.items() if status not in (403, 413)} == {}
    assert changed(before, site) == []


@pytest.mark.parametrize(
    "parts", [b"", b"--", b"--x\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 9000]
)
def test_broken_multipart_bodies_are_refused(site: Site, street: Street, parts: bytes) -> None:
    reply = street.seller.send("POST", f"{street.draft}/photos", parts, "multipart/form-data; boundary=x")
    assert reply.status in (400, 403, 413)


def test_thousand_fields_are_refused(street: Street) -> None:
    form = street.seller.get(f"{street.draft}/edit").form()
    reply = street.seller.post(form.action, form.filled({f"field{number}": "x" for number in range(1000)}))
    assert 400 <= reply.status < 500 or reply.status == 303


def _quoted(value: str | bytes) -> str:
    return quote_from_bytes(value, safe="") if isinstance(value, bytes) else quote(value[:1900], safe="")
