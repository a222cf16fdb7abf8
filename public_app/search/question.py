"""A visitor's question, read from the address: every mistake gets a sentence, and what was typed is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from public_app.browse.gallery import VIEWS
from shared import categories, clock, places
from shared.categories import CONDITIONS, Category
from shared.errors import NotFound
from shared.money import CURRENCIES, InvalidAmount, parse_amount
from shared.places import Place
from shared.search import DetailFilter, Point, SearchRequest, Sort
from shared.text import ascii_digits, whole_number
from shared.web import urls
from shared.web.forms import Form

from .details import Detail, details_of

# Results on a page. The best come first, so that few read on, and those on a slow line need not pay for more.
PER_PAGE = {**VIEWS, "list": 30}
LAST_PAGE = 20
LONGEST_TEXT = 200
_DAY = 86_400
SINCE = {"day": ("Today and yesterday", 2), "week": ("The last 7 days", 7), "month": ("The last 30 days", 30)}
SORTS = {
    Sort.RELEVANCE.value: "Best match",
    Sort.NEWEST.value: "Newest first",
    Sort.PRICE_ASC.value: "Cheapest first",
    Sort.PRICE_DESC.value: "Dearest first",
    Sort.NEAREST.value: "Nearest first",
}
# Half of the way round the Earth: no two places lie farther apart.
FARTHEST_KM = 20_038
_DEFAULT_CURRENCY = "EUR"
# A place has to have this many times the people of its namesakes to be meant without being asked.
_SMALL = 10
_PASSING = frozenset({"sort", "view", "since", "exact"})


@dataclass
class Question:
    """What is looked for. `form` holds the text as typed and what is wrong.

    `details` are the fields of the category that can be filtered by. `choices` are the places that the parameter
    `unclear` may mean.
    """

    form: Form
    text: str = ""
    place: Place | None = None
    category: Category | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str = _DEFAULT_CURRENCY
    photo: bool = False
    since: str = ""
    condition: str = ""
    near: Place | None = None
    km: int | None = None
    details: tuple[Detail, ...] = ()
    exact: bool = False
    sort: str = ""
    view: str = "list"
    page: int = 1
    choices: list[Place] = field(default_factory=list)
    unclear: str = ""

    @property
    def per_page(self) -> int:
        """How many results a page has."""
        return PER_PAGE[self.view]

    @property
    def filtered(self) -> bool:
        """Whether there is more to it than a text, a place and a category."""
        priced = self.price_min is not None or self.price_max is not None
        return bool(priced or self.photo or self.since or self.condition or self.near or self.detail_filters)

    @property
    def detail_filters(self) -> tuple[DetailFilter, ...]:
        """What the category's own fields must say."""
        return tuple(each.filter for each in self.details if each.filter is not None)

    @property
    def is_browsing(self) -> bool:
        """Whether the page of a place or category is the answer: no text, no filter, newest first."""
        plain = not (self.text or self.filtered) and self.sort in ("", Sort.NEWEST)
        return plain and (self.place is not None or self.category is not None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is asked."""
        ordered = self.sort not in ("", Sort.RELEVANCE)
        return not (self.text or self.filtered or self.place or self.category or ordered)

    def request(self) -> SearchRequest:
        """The question for the engine."""
        within: dict[str, Any] = {}
        if self.place is not None:
            of = {"country": self.place.country, "region": self.place.region, "city": self.place.id}
            within = {self.place.kind: of[self.place.kind]}
        if self.category is not None:
            within["section" if self.category.is_section else "category"] = self.category.slug
        priced = self.by_price or self.price_min is not None or self.price_max is not None
        return SearchRequest(
            text=self.text,
            # From nothing up: what has a price in this currency.
            price_min=0 if self.by_price and self.price_min is None else self.price_min,
            price_max=self.price_max,
            currency=self.currency if priced else None,
            has_photo=self.photo,
            since=clock.now() // _DAY * _DAY - (SINCE[self.since][1] - 1) * _DAY if self.since else None,
            condition=self.condition or None,
            details=self.detail_filters,
            near=Point(self.near.lat, self.near.lon) if self.near else None,
            within_km=self.km,
            sort=Sort(self.sort) if self.sort else self._usual_sort(),
            exact=self.exact,
            facets=True,
            offset=(self.page - 1) * self.per_page,
            limit=self.per_page,
            **within,
        )

    @property
    def by_price(self) -> bool:
        """Whether prices decide the order; only those of one currency can be compared."""
        return self.sort in (Sort.PRICE_ASC, Sort.PRICE_DESC)

    def _usual_sort(self) -> Sort:
        if self.text:
            return Sort.RELEVANCE
        return Sort.NEAREST if self.near else Sort.NEWEST

    def address(self, **changes: Any) -> str:
        """The address of this question with some parameters changed, without those that say nothing."""
        return urls.search(**{**self.given(), "page": None, **changes})

    def given(self) -> dict[str, str]:
        """The parameters that say something, places by their paths. Reading them gives the same question."""
        names = (*PARAMETERS, *(name for each in self.details for name in each.names))
        given = {name: self.form[name] for name in names if self.form[name]}
        for name, place in (("place", self.place), ("near", self.near)):
            if place is not None:
                given[name] = place.path
        return given

    def lasting(self) -> dict[str, str]:
        """What of `given` a listing can match or not: without page, order, view and how long ago it was posted."""
        passing = _PASSING if self.km is not None else _PASSING | {"near"}
        return {name: value for name, value in self.given().items() if name not in passing}


PARAMETERS = (
    "q",
    "place",
    "category",
    "min_price",
    "max_price",
    "currency",
    "condition",
    "since",
    "photo",
    "near",
    "km",
    "exact",
    "sort",
    "view",
)


def read(arguments: Mapping[str, str]) -> Question:
    """Read the parameters of an address. What cannot be read is in `form.errors`, with the rest as it was meant."""
    typed = {name: arguments.get(name, "") for name in (*PARAMETERS, "page")}
    typed["currency"] = typed["currency"].upper()
    form = Form(typed)
    asked = Question(form, text=form.text("q", longest=LONGEST_TEXT))
    asked.place, asked.near = _place(asked, "place"), _place(asked, "near")
    for name, place in (("place", asked.place), ("near", asked.near)):
        if place is not None:
            typed[name] = place.full_name
    slug = form.choice("category", categories.TREE)
    asked.category = categories.get(slug) if slug else None
    if asked.category is not None:
        asked.details = details_of(asked.category, arguments, form)
        typed |= {name: arguments.get(name, "") for each in asked.details for name in each.names}
    asked.currency = form.choice("currency", CURRENCIES) or _currency_of(asked.place or asked.near)
    asked.price_min, asked.price_max = _amount(asked, "min_price"), _amount(asked, "max_price")
    if asked.price_min is not None and asked.price_max is not None and asked.price_min > asked.price_max:
        asked.price_min, asked.price_max = asked.price_max, asked.price_min
    asked.photo, asked.exact = _ticked(typed, "photo"), _ticked(typed, "exact")
    asked.since = form.choice("since", SINCE)
    asked.condition = form.choice("condition", CONDITIONS)
    asked.km = _kilometres(asked)
    asked.sort = form.choice("sort", SORTS)
    if asked.sort == Sort.NEAREST and not asked.near:
        form.reject({"near": "Say near which place, so that the nearest can come first."})
    asked.view = form.choice("view", VIEWS) or "list"
    typed["view"] = asked.view if asked.view != "list" else ""
    asked.page = _page(asked)
    return asked


def _ticked(typed: dict[str, str], name: str) -> bool:
    """Whether a box was ticked, whatever the address says for it; the page's own links say 1."""
    ticked = typed[name] not in ("", "0")
    typed[name] = "1" if ticked else ""
    return ticked


def _place(asked: Question, name: str) -> Place | None:
    text = asked.form.text(name, longest=120)
    if not text:
        return None
    try:
        return places.by_path(text)
    except NotFound:
        # What looks like an address is one or nothing: "../etc" is no way of writing a name.
        found = [] if "/" in text else places.search(text, 10, "city" if name == "near" else None)
    if (meant := _meant(text, found)) is not None:
        return meant
    if found:
        asked.choices, asked.unclear = found, name
        asked.form.reject({name: "There are several places of that name. Choose one of them."})
    else:
        asked.form.reject({name: "We do not know this place. Write the name of a city, a region or a country."})
    return None


def _meant(text: str, found: list[Place]) -> Place | None:
    """The only place found, the one written in full, or the one of that name beside which the others are small."""
    exact = [place for place in found if place.full_name == text]
    if exact or len(found) == 1:
        return (exact or found)[0]
    first, *others = [place for place in found if places.fold(place.name) == places.fold(text)] or [None]
    if first is None or any(
        other.population * _SMALL > first.population for other in others if not _joined(first, other)
    ):
        return None
    return first


def _joined(one: Place, other: Place) -> bool:
    """Whether one lies within the other, as a city in the region that is called after it."""
    return one.country == other.country and (one.region == other.region or not (one.region and other.region))


def _kilometres(asked: Question) -> int | None:
    text = asked.form.text("km", longest=40)
    if not text:
        return None
    if asked.near is None:
        asked.form.reject({"near": "Say near which place, as a distance is measured from it."})
    number = whole_number(ascii_digits(text).removesuffix("km").strip(), 1, FARTHEST_KM)
    if number is None:
        asked.form.reject({"km": f"Write a whole number of kilometres from 1 to {FARTHEST_KM:,}, such as 25."})
    return number


def _currency_of(place: Place | None) -> str:
    return (place.currency if place else "") or _DEFAULT_CURRENCY


def _amount(asked: Question, name: str) -> int | None:
    text = asked.form.text(name, longest=40)
    if not text:
        return None
    try:
        return parse_amount(text, asked.currency)
    except InvalidAmount as error:
        asked.form.reject({name: error.message})
        return None


def _page(asked: Question) -> int:
    form = asked.form
    number = whole_number(form["page"] or "1", 1)
    if number is None:
        form.reject({"page": "There is no such page of results."})
        return 1
    if number > LAST_PAGE:
        most = LAST_PAGE * asked.per_page
        form.reject({"page": f"Only the first {most:,} results can be shown. Narrow down what you are looking for."})
        return 1
    return number
