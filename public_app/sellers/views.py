"""A seller's page: the public name, since when, and what is on view."""

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Row

from public_app.browse.rows import ListingRow, full_city_name, price
from shared import ids, listings
from shared.errors import NotFound
from shared.ids import MAX_SEQUENCE, owner_of
from shared.sharding import read
from shared.web import caching, pagination, urls
from shared.web.templating import page

blueprint = Blueprint("sellers", __name__)


@blueprint.get("/u/<int:public>")
def seller(public: int) -> Response:
    """One page of a seller's listings, newest first."""
    owner = _owner(public)
    after = pagination.cursor()
    with read(owner) as session:
        found = listings.seller(session)
        rows = listings.of_seller(session, after, listings.PAGE + 1)  # type: ignore[arg-type]
    shown, path = rows[: listings.PAGE], f"/u/{public}"
    last = shown[-1] if len(rows) > len(shown) else None
    following = urls.with_query(path, after=pagination.encode(last.published_at, last.id)) if last else ""
    response = page(
        "public/sellers/seller.html",
        seller=found,
        path=path,
        rows=[_row(row) for row in shown],
        first=path if after else "",
        following=following,
    )
    return caching.share(response)


def _owner(public: int) -> int:
    row_id = ids.from_public(public) if public <= ids.MAX_ID else -1
    if row_id < 0 or row_id & MAX_SEQUENCE:
        raise NotFound("There is no such seller.")
    return owner_of(row_id)


def _row(row: Row[Any]) -> ListingRow:
    return ListingRow(
        urls.listing(row.id),
        row.title,
        price(row.price_kind, row.price_amount, row.price_currency),
        full_city_name(row.city),
        row.published_at,
        "Reserved" if row.state == "reserved" else "",
        None,
    )
