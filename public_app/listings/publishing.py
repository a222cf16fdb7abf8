"""The last step: look at it once more, then publish; guests do so by the link that is mailed to them."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from shared import ids, listings
from shared.accounts import throttle
from shared.accounts.addresses import claim_value, parse_address
from shared.errors import Invalid
from shared.ids import owner_of
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import caching, client, query
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .access import browser_key, keep_browser_key, listing_id, own_listing
from .routes import blueprint
from .showing import show


@blueprint.get("/post/<int:public>/preview")
def preview(public: int) -> BaseResponse:
    """The listing as others will see it, and the button that publishes it."""
    return _preview(listing_id(public), Form({}))


def _preview(id: int, form: Form, status: int = 200) -> BaseResponse:
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
        photos = listings.photos_of(session, id)
    if listing.state != "draft":
        return redirect(f"/l/{ids.public(id)}/manage", 303)
    if listings.missing(listing):
        return redirect_with_notice(f"/post/{ids.public(id)}/edit", "Some details are still missing.")
    guest = not listing.seller_name
    shown = show(listings.Shown("draft", listing, photos))  # type: ignore[arg-type]
    return caching.no_store(
        page("public/listings/preview.html", status, form=form, shown=shown, guest=guest, id=ids.public(id))
    )


@blueprint.post("/post/<int:public>/publish")
def publish(public: int) -> BaseResponse:
    """Publish the draft of an account, or mail a guest the link that does."""
    id, form = listing_id(public), Form()
    with read(owner_of(id)) as session:
        guest = not own_listing(session, id).seller_name
    try:
        if guest:
            return _ask_link(id, form)
        unit_of_work(owner_of(id), lambda session: listings.publish(session, own_listing(session, id)))
    except Invalid as error:
        form.reject(error.fields)
        return _preview(id, form, 422)
    return redirect_with_notice(f"/l/{public}", "Your listing is published. It shows up in lists within seconds.")


def _ask_link(id: int, form: Form) -> BaseResponse:
    email = parse_address(form["email"])
    throttle.count("guest_link", account=claim_value(email), network=client.client_network(request))

    def work(session: OwnerSession) -> None:
        listings.ask_manage_link(session, own_listing(session, id), email)

    unit_of_work(owner_of(id), work)
    return redirect(f"/post/{ids.public(id)}/sent", 303)


@blueprint.get("/post/<int:public>/sent")
def sent(public: int) -> Response:
    """Where to look for the mail."""
    with read(owner_of(listing_id(public))) as session:
        own_listing(session, listing_id(public))
    return caching.no_store(page("public/listings/sent.html", id=public))


@blueprint.get("/manage")
def open_link() -> Response:
    """What the mailed link shows: the listing's title and a button. Opening it changes nothing."""
    token = query.text("token")
    with read(owner_of(listings.listing_of_token(token))) as session:
        listing = listings.listing_for_token(session, token)
    return caching.no_store(page("public/listings/manage_link.html", form=Form({}), listing=listing, token=token))


@blueprint.post("/manage")
def use_link() -> BaseResponse:
    """Publish the draft if it is one, and let this browser manage the listing from now on."""
    token, key = Form()["token"], browser_key()
    id = listings.listing_of_token(token)

    def work(session: OwnerSession) -> bool:
        listing = listings.listing_for_token(session, token)
        listings.take_over(session, listing, key)
        if listing.state != "draft" or listings.missing(listing):
            return False
        return listings.publish(session, listing)

    published = unit_of_work(owner_of(id), work)
    words = "Your listing is published." if published else "You can manage your listing here."
    return keep_browser_key(redirect_with_notice(f"/l/{ids.public(id)}/manage", words))
