"""A listing in the words of its page. What follows from city and category alone is made once per process."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from markupsafe import Markup

from public_app.browse.rows import price
from public_app.browse.topic import Topic, json_ld, topic
from shared import categories, ids
from shared.categories import CONDITIONS, Category, Field
from shared.listings import Shown
from shared.money import decimal_amount
from shared.web import urls

_HERO, _SHARED = 640, 1280
_DESCRIPTION_LENGTH = 155
_width = itemgetter(0)
_AVAILABILITY = {"published": "InStock", "reserved": "LimitedAvailability", "sold": "SoldOut"}
_CONDITION = {"new": "NewCondition", "for-parts": "DamagedCondition"}
FLAGS = {"reserved": "Reserved", "sold": "Sold", "expired": "Expired"}


class Picture(NamedTuple):
    """One photo in the widths that a page uses; `sources` is the AVIF srcset, "" where there is none."""

    number: int
    alt: str
    src: str
    sources: str
    width: int
    height: int


class ShownListing(NamedTuple):
    """Everything that the listing's page says."""

    row: Any
    state: str
    flag: str
    path: str
    price: str
    description: str
    topic: Topic
    crumbs: Markup
    category: Category
    facts: list[tuple[str, str]]
    hero: Picture | None
    thumbs: list[Picture]
    image: str
    seller_path: str


def show(shown: Shown) -> ShownListing:
    """The page's words for a listing that may be shown."""
    row, photos = shown.listing, shown.photos
    category = categories.get(row.category)
    return ShownListing(
        row=row,
        state=shown.state,
        flag=FLAGS.get(shown.state, ""),
        path=urls.listing(row.id),
        price=_price(row, category),
        description=_shortened(row.body),
        topic=topic(row.city, row.category),
        crumbs=crumbs(row.city, row.category),
        category=category,
        facts=facts(row, category),
        hero=picture(photos[0], 1, row.title, _HERO) if photos else None,
        thumbs=[picture(photo, number, row.title, 0) for number, photo in enumerate(photos[1:], 2)],
        image=_path(_up_to(_SHARED, photos[0])[-1][1]) if photos else "",
        seller_path=urls.seller(ids.compose(row.owner, 0)) if row.seller_name else "",
    )


@lru_cache(maxsize=4096)
def crumbs(city: int, category: str) -> Markup:
    """The links from the start page down to the listing's category in its city."""
    first, *others = (Markup('<a href="{}">{}</a>').format(path, name) for name, path in topic(city, category).crumbs)
    # Each separator stays with the link after it, so that no line ends in one.
    return Markup(" ").join((first, *(Markup("<span>› {}</span>").format(each) for each in others)))


def _price(row: Any, category: Category) -> str:
    if row.price_kind == "ask":
        return "Price on request"
    words = price(row.price_kind, row.price_amount, row.price_currency)
    return f"{words} or best offer" if row.negotiable else words


def _shortened(body: str) -> str:
    text = " ".join(body.split())
    return text if len(text) <= _DESCRIPTION_LENGTH else text[:_DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + "…"


def facts(row: Any, category: Category) -> list[tuple[str, str]]:
    """The condition and the category's own fields, as labels and words."""
    condition = [("Condition", CONDITIONS[row.condition])] if row.condition in CONDITIONS else []
    told: Mapping[str, Any] = row.fields
    return condition + [(field.label, _words(field, told[field.key])) for field in category.fields if field.key in told]


def _words(field: Field, value: Any) -> str:
    if field.kind == "boolean":
        return "Yes" if value else "No"
    if field.kind == "date":
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B %Y}"
    text = f"{value:,}" if field.kind == "integer" else str(value)
    return f"{text} {field.unit}" if field.unit else text


def picture(photo: Any, number: int, title: str, widest: int) -> Picture:
    """A photo no wider than `widest` pixels where it has such a variant, else in its smallest."""
    fitting = _up_to(widest, photo)
    width, files = fitting[-1]
    # The 320 px file serves narrow screens; smaller ones would only be enlarged.
    listed = [each for each in fitting if each[0] >= 320] or fitting[-1:]
    sources = ", ".join([f"/photos/{each['avif']} {wide}w" for wide, each in listed if each.get("avif")])
    alt = photo.alt or f"{title}, photo {number}"
    return Picture(number, alt, _path(files), sources, width, files["height"])


def _up_to(widest: int, photo: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """The photo's variants by width, narrowest first, none wider than `widest` except where only the first is left."""
    variants: Mapping[str, Mapping[str, Any]] = photo.variants
    files = sorted([(int(width), files) for width, files in variants.items()], key=_width)
    return [each for each in files if each[0] <= widest] or files[:1]


def _path(files: Mapping[str, Any]) -> str:
    return f"/photos/{files['jpg']}"


def offer_json(shown: ShownListing) -> Markup:
    """The listing as schema.org JSON-LD: a Product with its Offer, or where nothing is handed over an Offer alone."""
    row = shown.row
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": urls.absolute(shown.path),
        "availability": f"https://schema.org/{_AVAILABILITY.get(shown.state, 'Discontinued')}",
        "areaServed": shown.topic.place.full_name if shown.topic.place else "",
    }
    if row.price_kind == "amount":
        offer |= {"price": decimal_amount(row.price_amount, row.price_currency), "priceCurrency": row.price_currency}
    elif row.price_kind == "free" and shown.topic.place:
        offer |= {"price": "0", "priceCurrency": shown.topic.place.currency or "USD"}
    if row.condition:
        offer["itemCondition"] = f"https://schema.org/{_CONDITION.get(row.condition, 'UsedCondition')}"
    said: dict[str, Any] = {"name": row.title, "description": shown.description, "category": shown.category.name}
    if shown.image:
        said["image"] = urls.absolute(shown.image)
    if shown.category.condition:
        return json_ld({"@context": "https://schema.org", "@type": "Product", **said, "offers": offer})
    return json_ld({"@context": "https://schema.org", **offer, **said})


def pictures(photos: Sequence[Any], title: str) -> list[Picture]:
    """All photos as large as they are kept, for their own pages."""
    return [picture(photo, number, title, _SHARED) for number, photo in enumerate(photos, 1)]
