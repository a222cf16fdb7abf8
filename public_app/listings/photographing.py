"""Photos of a listing, one file for each form, so that a dropped line costs one photo at most."""

from flask import Response, current_app, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from shared import ids, listings
from shared.accounts import throttle
from shared.gateways import blobs as blob_store
from shared.gateways.photos import PhotoRejected, ProcessedPhoto, process
from shared.ids import owner_of
from shared.sharding import OwnerSession, once, read, redeem, unit_of_work
from shared.web import caching, client
from shared.web.errors import error_page
from shared.web.forms import Form
from shared.web.limits import takes_upload
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .access import listing_id, own_listing
from .managing import not_editable
from .routes import blueprint

# The largest photo that is read, and the rest of the form around it.
_UPLOAD_BYTES = 10_000_000 + 300_000
_TOO_LARGE = (
    "This photo is larger than we accept: 10 MB at most. Nothing was changed. "
    "Save it in a smaller size, or take a picture of the screen that shows it, and upload that."
)
_DONE = {"remove": "The photo is removed.", "first": "It is the first photo now.", "alt": "The words are saved."}


@blueprint.get("/post/<int:public>/photos")
def photos(public: int) -> Response:
    """The photos so far, and the form for one more; not for a listing whose changes could not be saved."""
    return _photos_page(listing_id(public), Form({}))


@blueprint.post("/post/<int:public>/photos")
@takes_upload(_UPLOAD_BYTES)
def upload(public: int) -> BaseResponse:
    """Add one photo, and come back for the next."""
    id, form = listing_id(public), Form()
    token = form.one_time_token()
    with read(owner_of(id)) as session:
        room = listings.room_for_photo(own_listing(session, id))
        known = token and redeem(session, bytes.fromhex(token)) is not None
    if known:
        return redirect(f"/post/{public}/photos", 303)
    sent = form.file("photo")
    if not room:
        form.reject({"photo": "There are as many photos as a listing can have. Remove one first."})
    elif sent is None:
        form.reject({"photo": "Choose a photo to upload, or go on without one below."})
    if form.errors or sent is None:
        return _photos_page(id, form, 422)
    throttle.count("upload", account=str(owner_of(id)), network=client.client_network(request))
    try:
        ready = process(sent.stream.read())
    except PhotoRejected as error:
        form.reject({"photo": error.message})
        return _photos_page(id, form, 422 if error.permanent else 503)
    _keep(ready)
    once(owner_of(id), bytes.fromhex(token), lambda session: _add(session, id, ready, form["alt"]))
    return redirect_with_notice(f"/post/{public}/photos", "The photo is saved.")


def _keep(ready: ProcessedPhoto) -> None:
    store = blob_store.blobs(current_app.config["SETTINGS"].blob_url)
    for variant in ready.variants:
        store.put(variant.name, variant.data, variant.media_type)


def _add(session: OwnerSession, id: int, ready: ProcessedPhoto, alt: str) -> int:
    listing = own_listing(session, id)
    return listings.add_photo(
        session, listing, width=ready.width, height=ready.height, manifest=ready.manifest(), alt=alt
    )


@blueprint.errorhandler(413)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """For a photo that is too large, what can be done about it; nothing else in this room takes files."""
    return error_page(413, _TOO_LARGE, back=request.path) if request.endpoint == "listings.upload" else error_page(413)


@blueprint.post("/post/<int:public>/photos/<int:photo>")
def change_photo(public: int, photo: int) -> BaseResponse:
    """Remove a photo, put it first or describe it in words."""
    id, form = listing_id(public), Form()
    action = form.choice("action", _DONE, required="Choose what to do with the photo.")
    if form.errors:
        return _photos_page(id, form, 422)
    unit_of_work(owner_of(id), lambda session: _change(session, id, listing_id(photo), action, form["alt"]))
    return redirect_with_notice(f"/post/{public}/photos", _DONE[action])


def _change(session: OwnerSession, id: int, photo: int, action: str, alt: str) -> None:
    listing = own_listing(session, id)
    if action == "remove":
        listings.remove_photo(session, listing, photo)
    elif action == "first":
        listings.reorder(session, listing, photo, 0)
    else:
        listings.set_alt(session, listing, photo, alt)


def _photos_page(id: int, form: Form, status: int = 200) -> Response:
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
        found = listings.photos_of(session, id)
        room = listings.room_for_photo(listing)
    if listing.state not in listings.EDITABLE:
        return not_editable(ids.public(id))
    shown = [(ids.public(each.id), each.alt, listings.thumb(each.variants)) for each in found]
    response = page(
        "public/listings/photos.html", status, form=form, listing=listing, id=ids.public(id), photos=shown, room=room
    )
    return caching.no_store(response)
