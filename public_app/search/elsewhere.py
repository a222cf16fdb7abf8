"""Where to look when nothing was found: fewer words, a wider place, a wider category, fewer filters."""

from collections.abc import Iterator

from shared import categories, places
from shared.web import urls

from .question import Question

# About an hour's way.
_AROUND_KM = 50


def elsewhere(asked: Question, missing: tuple[str, ...]) -> list[tuple[str, str]]:
    """Links to questions that ask for less, the nearest to the question first: (words, address)."""
    if asked.text and not _left(asked, missing):
        # No listing anywhere has any of the words: with them every wider question finds nothing too.
        return list(_without_words(asked))
    return [*_fewer_words(asked, missing), *_wider_places(asked), *_wider_categories(asked), *_fewer_filters(asked)]


def _fewer_words(asked: Question, missing: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    left = _left(asked, missing)
    if missing and left:
        yield f"Search for “{left}” alone", asked.address(q=left)


def _left(asked: Question, missing: tuple[str, ...]) -> str:
    dropped = {word.casefold() for word in missing}
    return " ".join(word for word in asked.text.split() if word.casefold() not in dropped)


def _without_words(asked: Question) -> Iterator[tuple[str, str]]:
    if asked.filtered:
        yield "All that these filters leave, whatever its words", asked.address(q=None)
    yield from _newest(asked)


def _wider_places(asked: Question) -> Iterator[tuple[str, str]]:
    if asked.km is not None:
        yield "At any distance", asked.address(km=None)
    place = asked.place
    if place is None:
        return
    if place.kind == "city" and asked.near is None:
        around = asked.address(place=None, near=place.path, km=_AROUND_KM)
        yield f"Up to {_AROUND_KM} km around {place.name}", around
    for each in reversed(places.ancestors(place)):
        yield f"In all of {each.name}", asked.address(place=each.path)
    yield "In all places", asked.address(place=None)


def _wider_categories(asked: Question) -> Iterator[tuple[str, str]]:
    if asked.category is None:
        return
    if asked.category.parent is not None:
        section = categories.section_of(asked.category)
        yield f"In the whole section {section.name}", asked.address(category=section.slug)
    yield "In all categories", asked.address(category=None)


def _fewer_filters(asked: Question) -> Iterator[tuple[str, str]]:
    if asked.filtered:
        place, category = _scope(asked)
        yield "Without the other filters", urls.search(q=asked.text, place=place, category=category)
    yield from _newest(asked)


def _newest(asked: Question) -> Iterator[tuple[str, str]]:
    place, category = _scope(asked)
    if place or category:
        about = " in ".join(each.name for each in (asked.category, asked.place) if each)
        yield f"The newest listings: {about}", urls.browse(place, category)


def _scope(asked: Question) -> tuple[str, str]:
    return asked.place.path if asked.place else "", asked.category.slug if asked.category else ""
