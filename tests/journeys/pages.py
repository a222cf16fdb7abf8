"""Every kind of public page once, as the checkers, the budgets and the security tests look at them.

`gather` leads a seller, a buyer and a guest through the site by plain HTTP and keeps what each of them was shown.
"""

import http.client
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from public_app import create_app
from shared import sharding
from shared.config import Settings
from shared.web.errors import error_page
from tests.factories import photos
from tests.journeys.site import Site, demo_person, eventually
from tests.journeys.visitor import Reply, Visitor

PASSWORD = "eleven quiet harbours"
TITLE = "Walnut writing desk"


@dataclass(frozen=True)
class Shown:
    """A page as somebody got it. `visitor` is who; `repeatable` says that a GET of the path shows it again."""

    name: str
    reply: Reply
    visitor: Visitor
    repeatable: bool = True

    @property
    def anonymous(self) -> bool:
        """Whether the site knows this visitor: pages for all may carry no cookie."""
        return "session" not in self.visitor.cookies


class Album:
    """Collects pages under names."""

    def __init__(self) -> None:
        self.pages: dict[str, Shown] = {}

    def look(self, name: str, visitor: Visitor, path: str, status: int = 200) -> Reply:
        """Keep what a visitor gets at an address."""
        return self.keep(name, visitor, visitor.get(path), status)

    def keep(self, name: str, visitor: Visitor, reply: Reply, status: int = 422, repeatable: bool = False) -> Reply:
        """Keep an answer, by default one to a form."""
        assert reply.status == status, f"{name}, {reply.path}: {reply.status}\n{reply.text}"
        assert name not in self.pages, name
        self.pages[name] = Shown(name, reply, visitor, repeatable or status != 422)
        return reply


@dataclass(frozen=True)
class Street:
    """The people of the tour and the listings they made, for tests that go on from there."""

    pages: dict[str, Shown]
    seller: Visitor
    buyer: Visitor
    guest: Visitor
    listing: str
    draft: str
    guest_draft: str
    message: str
    # The page of something that was sent to an endpoint of the seller.
    delivery: str

    @property
    def seller_page(self) -> str:
        """The number in the address of the seller's page."""
        return self._number(r'href="/u/(\d+)"', "listing")

    @property
    def endpoint(self) -> str:
        """The page of the seller's endpoint."""
        return self.delivery.partition("/deliveries/")[0]

    @property
    def search(self) -> str:
        """The number of a search that the seller saved."""
        return self._number(r'href="/account/searches/(\d+)"', "saved searches")

    @property
    def photo(self) -> str:
        """The number of a photo of the listing."""
        return self._number(rf'action="{self.listing.replace("/l/", "/post/")}/photos/(\d+)"', "post: photos")

    @property
    def photo_file(self) -> str:
        """The name of a photo's file."""
        return self._number(r'src="/photos/([^"]+)"', "listing")

    def _number(self, pattern: str, page: str) -> str:
        found = re.search(pattern, self.pages[page].reply.text)
        assert found, (pattern, page)
        return found[1]


def gather(site: Site, who: str = "tour") -> Street:
    """Walk through the whole site once, as a seller at the address `who` and others."""
    album, reader = Album(), Visitor(site)
    _browse(album, reader)
    seller, buyer, guest = (
        _sign_up(site, album, f"{who}@example.org"),
        Visitor(site).log_in(*demo_person(4)),
        Visitor(site),
    )
    listing, draft = _sell(site, album, seller)
    _read(site, album, reader, listing)
    guest_draft = _post_as_guest(album, guest)
    message = _talk(album, seller, buyer, listing, f"{who}@example.org")
    _save_searches(site, album, seller)
    _mails(site, album, f"{who}@example.org")
    delivery = _webhooks(album, seller)
    _account(album, seller)
    _mistakes(site, album)
    return Street(album.pages, seller, buyer, guest, listing, draft, guest_draft, message, delivery)


def _places_of_a_listing(reader: Visitor, shown: Reply) -> tuple[str, str, str]:
    """The pages of the country, region and city of the first listing that has all three."""
    for listing in (link for link in shown.links if re.fullmatch(r"/l/\d+", link)):
        links = [link for link in reader.get(listing).links if link.startswith("/in/")]
        crumbs = {link.count("/"): link for link in reversed(links)}
        if {2, 3, 4} <= crumbs.keys():
            return crumbs[2], crumbs[3], crumbs[4]
    raise AssertionError("no listing lies in a city of a region")


def _browse(album: Album, reader: Visitor) -> None:
    album.look("home", reader, "/")
    shown = album.look("category", reader, "/c/furniture")
    country, region, city = _places_of_a_listing(reader, shown)
    album.look("country", reader, country)
    album.look("region", reader, region)
    album.look("city", reader, city)
    album.look("category in a place", reader, f"/c/furniture{country}")
    album.look("empty category in a place", reader, "/c/boats/in/at/tyrol/innsbruck")
    album.look("search without a question", reader, "/search")
    album.look("search", reader, "/search?q=table")
    album.look(
        "search with every filter", reader, "/search?q=table&category=furniture&min_price=1&max_price=9000&sort=newest"
    )
    album.look("search without results", reader, "/search?q=xylotomist")
    album.look("search with photos", reader, "/search?q=table&view=gallery")
    album.look("search that cannot be", reader, "/search?min_price=cheap", 422)
    album.look("category with photos", reader, "/c/furniture?view=gallery")


def _sign_up(site: Site, album: Album, address: str) -> Visitor:
    visitor = Visitor(site)
    form = album.look("sign up", visitor, "/signup")
    album.keep("sign up with mistakes", visitor, visitor.submit(form, email="no address", name="", password="short"))
    sent = visitor.submit(form, email=address, name="Rosalind", password=PASSWORD)
    album.look("signed up", visitor, sent.location)
    newcomer = Visitor(site)
    page = album.look("confirm the address", newcomer, site.mailed_link(address, "/account/confirm/"))
    newcomer.submit(page, password=PASSWORD)
    form = album.look("log in", visitor, "/login")
    album.keep("log in with a wrong password", visitor, visitor.submit(form, email=address, password="not this one"))
    album.look("forgotten password", visitor, "/reset")
    album.look("another confirmation", visitor, "/account/confirm")
    album.look("a link that is spent", visitor, "/reset/abcdefghijklmnop", 410)
    return newcomer


def _sell(site: Site, album: Album, seller: Visitor) -> tuple[str, str]:
    """A listing with eight photos, one sold, one expired, and a draft."""
    album.look("account without listings", seller, "/account/listings")
    form = album.look("post: category", seller, "/post")
    album.keep("post: no category", seller, seller.submit(form))
    listing = post(seller, TITLE, pictures=8, look=lambda name, reply: album.keep(name, seller, reply, 200, True))
    edit = seller.get(f"{listing.replace('/l/', '/post/')}/edit")
    wrong = seller.submit(edit, title="", body="", price_amount="cheap", place="Nowhere-on-Sea", coordinates="here")
    album.keep("edit with mistakes", seller, wrong)
    sold, expired = post(seller, "Oak stool"), post(seller, "Pine stool")
    seller.submit(seller.get(f"{sold}/manage"), action="sold")
    _expire(site, "Pine stool")
    album.look("sold listing", Visitor(site), sold)
    album.look("expired listing", Visitor(site), expired, 410)
    removed = post(seller, "Ash stool")
    album.look("delete", seller, f"{removed}/delete")
    seller.submit(seller.get(f"{removed}/delete"))
    album.look("removed listing", Visitor(site), removed, 410)
    draft = seller.submit(form, category="household").location
    album.look("manage", seller, f"{listing}/manage")
    album.look("account with listings", seller, "/account/listings")
    return listing, draft.removesuffix("/edit")


def post(
    visitor: Visitor, title: str, pictures: int = 0, look: Callable[[str, Reply], object] = lambda *_: None
) -> str:
    """Post a listing as a user does; `look` is told each step's page. Returns the path of its page."""
    start = visitor.get("/post")
    edit = visitor.get(visitor.submit(start, category="furniture").location)
    look("post: details", edit)
    saved = visitor.submit(
        edit, title=title, body=f"{title}, hardly used.\n\nSee https://example.org/desk too.", price_kind="amount",
        price_amount="120", place="Innsbruck", condition="good",
    )  # fmt: skip
    assert saved.status == 303, saved.text
    path = saved.location
    for number in range(pictures):
        form = visitor.get(path).form("photo")
        contents = photos.jpeg(640, 480, seed=number + 1)
        sent = visitor.post(path, form.filled({"alt": f"Side {number}"}), [("photo", "desk.jpg", contents)])
        assert sent.status == 303, sent.text
    look("post: photos", visitor.get(path))
    preview = visitor.get(path.replace("/photos", "/preview"))
    look("post: preview", preview)
    published = visitor.submit(preview)
    assert published.status == 303, published.text
    return published.location


def _expire(site: Site, title: str) -> None:
    """Let a listing's time run out, on whichever shard its owner is."""
    _in_tables(site, "UPDATE listing SET expires_at = published_at - 1 WHERE title = ?", title)


def _in_tables(site: Site, statement: str, title: str) -> None:
    for shard in ("u1", "u2"):
        with sqlite3.connect(site.var / "db" / f"{shard}.sqlite", timeout=20) as connection:
            connection.execute(statement, (title,))
        connection.close()


def _read(site: Site, album: Album, reader: Visitor, listing: str) -> None:
    shown = album.look("listing", reader, listing)
    album.look("listing as text", reader, f"{listing}?text=1")
    album.look("photo", reader, f"{listing}/photo/2")
    album.look("seller", reader, next(link for link in shown.links if link.startswith("/u/")))
    album.look("report a listing", reader, f"{listing}/report")
    album.look("log in to reply", reader, f"/login?next={listing}/reply")


def _post_as_guest(album: Album, guest: Visitor) -> str:
    form = album.look("post without an account", guest, "/post")
    draft = guest.submit(form, category="furniture").location.removesuffix("/edit")
    edit = guest.get(f"{draft}/edit")
    album.look("post: another category", guest, f"{draft}/category")
    saved = guest.submit(
        edit, title="Guest's shelf", body="Solid beech, two boards.", price_kind="free", place="Innsbruck"
    )
    assert saved.status == 303, saved.text
    preview = album.look("post: preview of a guest", guest, f"{draft}/preview")
    album.keep("post: no address", guest, guest.submit(preview, email="nobody"))
    sent = guest.submit(preview, email="shelf@example.org")
    album.look("post: link sent", guest, sent.location)
    album.look("manage by link", Visitor(guest.site), guest.site.mailed_link("shelf@example.org", "/manage"))
    return draft


def _talk(album: Album, seller: Visitor, buyer: Visitor, listing: str, address: str) -> str:
    album.look("no messages", seller, "/account/messages")
    album.look("no favourites", buyer, "/favourites")
    form = album.look("write to the seller", buyer, f"{listing}/reply")
    album.keep("write nothing", buyer, buyer.submit(form, body=""))
    buyer.submit(form, body="Is it heavy?\n\nI have a small car.")
    save = album.look("save", buyer, f"{listing}/save")
    buyer.submit(save, save.form("action"))
    album.look("favourites", buyer, "/favourites")
    buyer.site.mail(address, "Is it heavy?")
    inbox = album.look("messages", seller, "/account/messages")
    message = next(link for link in inbox.links if re.fullmatch(r"/account/messages/\d+", link))
    _bargain(album, seller, buyer, message)
    return message


def _bargain(album: Album, seller: Visitor, buyer: Visitor, message: str) -> None:
    """They go on talking: an answer, an offer, and what either side can do with its copy."""
    shown = seller.get(message)
    seller.submit(shown, shown.form("body"), body="Two can carry it.")
    seller.submit(shown, shown.form("amount"), amount="100")
    album.look("message", seller, message)
    buyer.site.mail(demo_person(4)[0], "Two can carry it.")
    inbox = buyer.get("/account/messages")
    theirs = next(link for link in inbox.links if re.fullmatch(r"/account/messages/\d+", link))
    shown = album.look("message with an answer", buyer, theirs)
    album.keep("offer of nothing", buyer, buyer.submit(shown, shown.form("amount"), amount="nothing"))
    for name in ("delete", "block", "report"):
        album.look(f"message: {name}", buyer, f"{theirs}/{name}")
    report = buyer.get(f"{theirs}/report")
    album.keep("report nothing", buyer, buyer.submit(report))
    album.look("archived messages", buyer, "/account/messages/archive")
    buyer.submit(buyer.get(f"{theirs}/block"))
    album.look("message from a blocked user", buyer, theirs)
    blocked = album.look("blocked users", buyer, "/account/messages/blocked")
    buyer.submit(blocked)


def _mails(site: Site, album: Album, address: str) -> None:
    """By the links in the warning before a listing ends."""
    _in_tables(site, "UPDATE listing SET expires_at = strftime('%s', 'now') + 86400 WHERE title = ?", TITLE)
    site.command("schedule", "run", "warn_sellers")
    reader = Visitor(site)
    album.look("a listing that ends soon", reader, site.mailed_link(address, "/expiring/"))
    stop = site.mailed_link(address, "/mail/")
    album.look("no more of these mails", reader, stop)
    album.look("mails by link", reader, stop.rpartition("/")[0])


def _webhooks(album: Album, seller: Visitor) -> str:
    """An endpoint at which nobody listens, and a sample that does not arrive there; returns the delivery's page."""
    album.look("webhooks for developers", Visitor(seller.site), "/developers/webhooks")
    album.look("no webhooks", seller, "/account/webhooks")
    form = album.look("webhook: add", seller, "/account/webhooks/add")
    album.keep("webhook: wrong address", seller, seller.submit(form, url="https://10.0.0.1/", description="x" * 300))
    # Of a kind that happens to nobody here, so that the endpoint is left in peace afterwards.
    values = {"url": "http://127.0.0.1:9/in?key=long", "description": "Shop", "types": "listing.removed_by_admin"}
    added = album.keep("webhook: added", seller, seller.submit(form, **values), 200)
    endpoint = next(link for link in added.links if re.fullmatch(r"/account/webhooks/\d+", link))
    album.look("webhook: no deliveries", seller, f"{endpoint}/deliveries")
    shown = album.look("webhook: endpoint", seller, endpoint)
    seller.submit(shown, type="listing.created")
    delivery = eventually(lambda: _tried(seller, f"{endpoint}/deliveries"), "an attempt at a webhook")
    album.look("webhooks", seller, "/account/webhooks")
    album.look("webhook: deliveries", seller, f"{endpoint}/deliveries?type=listing.created")
    album.look("webhook: delivery", seller, delivery)
    for name in ("edit", "secret", "delete", "replay", "replay?which=all"):
        album.look(f"webhook: {name}".replace("?", " "), seller, f"{endpoint}/{name}")
    album.look("webhook: wrong range", seller, f"{endpoint}/replay?which=all&since=yesterday", 422)
    for action, name in (("pause", "webhook: paused"), ("resume", "webhook: resumed")):
        seller.submit(seller.get(endpoint), seller.get(endpoint).form("action"), action=action)
        album.look(name, seller, endpoint)
    return delivery


def _tried(seller: Visitor, path: str) -> str | None:
    """The page of the first delivery of a list, once there was an attempt at it."""
    found = re.search(r'href="(/account/webhooks/\d+/deliveries/\d+)"', (shown := seller.get(path)).text)
    return found[1] if found and "1 attempt" in shown.text else None


def _save_searches(site: Site, album: Album, seller: Visitor) -> None:
    """With an account, and without one by the mailed link."""
    album.look("no saved searches", seller, "/account/searches")
    form = album.look("save a search", seller, "/searches/new?q=walnut&place=at")
    album.keep("save a search with mistakes", seller, seller.submit(form, name=""))
    seller.submit(form, name="Walnut")
    saved = album.look("saved searches", seller, "/account/searches")
    one = next(link for link in saved.links if re.fullmatch(r"/account/searches/\d+", link))
    album.look("saved search", seller, one)
    guest = Visitor(site)
    form = album.look("save a search without an account", guest, "/searches/new?q=walnut")
    sent = guest.submit(form, email="walnut@example.org")
    album.look("save a search: link sent", guest, sent.location)
    album.look("saved search by link", guest, site.mailed_link("walnut@example.org", "/searches/"))
    album.look("search that cannot be saved", guest, "/searches/new?max_price=5", 422)


def _account(album: Album, seller: Visitor) -> None:
    album.look("account", seller, "/account")
    for name in ("name", "email", "password", "mail", "close"):
        album.look(f"account: {name}", seller, f"/account/{name}")
    form = seller.get("/account/password")
    album.keep("account: wrong password", seller, seller.submit(form, current="not it", password="x"))


def _mistakes(site: Site, album: Album) -> None:
    stranger = Visitor(site)
    album.look("no such page", stranger, "/no-such-page", 404)
    album.look("no such listing", stranger, "/l/12345", 404)
    album.look("unreadable parameter", stranger, "/c/furniture?after=%21", 400)
    album.keep("form without a token", stranger, stranger.post("/login", [("email", "a@example.org")]), 403)
    verbose = Visitor(site)
    album.keep("too large", verbose, verbose.submit(verbose.get("/login"), email="a" * 300_000), 413)
    album.keep("wrong method", stranger, stranger.post("/search", []), 405)
    impatient = Visitor(site)
    form = impatient.get("/login")
    tries = [impatient.submit(form, email="nobody@example.org", password="wrong it is") for _ in range(11)]
    album.keep("too many tries", impatient, tries[-1], 429)
    for status in (429, 500, 503):
        album.pages[f"error {status}"] = Shown(f"error {status}", _error(site, status), stranger, False)


def _error(site: Site, status: int) -> Reply:
    """An error page that a healthy site does not show."""
    app = app_of(site)
    with app.test_request_context():
        response = app.process_response(error_page(status, retry_after=30))
    headers = http.client.HTTPMessage()
    for name, value in response.headers:
        headers[name] = value
    return Reply("/", status, headers, response.get_data())


def app_of(site: Site) -> Flask:
    """The public app with the site's settings, for what cannot be asked over HTTP."""
    settings = Settings.from_environment(site.environ, Path(site.var))
    sharding.configure(settings)
    return create_app(settings)
