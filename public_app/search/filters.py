"""The form with all that can be searched by. It is the same for all questions that differ in their words alone."""

from functools import lru_cache

from flask import current_app
from markupsafe import Markup

from shared import categories

from . import question

_PERIODS = tuple((value, words) for value, (words, _) in question.SINCE.items())
_CATEGORIES = tuple(
    (
        section.name,
        [
            (section.slug, f"All of {section.name}"),
            *((each.slug, each.name) for each in categories.children(section.slug)),
        ],
    )
    for section in categories.SECTIONS
)


def filters(asked: question.Question) -> Markup:
    """The fields of the form but for the words, with what is asked and what is wrong with it."""
    if asked.form.errors:
        return _drawn(asked)
    return _kept(tuple((name, value) for name, value in asked.given().items() if name not in ("q", "exact")))


@lru_cache(maxsize=256)
def _kept(given: tuple[tuple[str, str], ...]) -> Markup:
    return _drawn(question.read(dict(given)))


def _drawn(asked: question.Question) -> Markup:
    template = current_app.jinja_env.get_template("public/search/_filters.html")
    drawn = template.render(
        asked=asked,
        form=asked.form,
        categories=_CATEGORIES,
        conditions=tuple(categories.CONDITIONS.items()),
        periods=_PERIODS,
        sorts=tuple(question.SORTS.items()),
    )
    return Markup(drawn)
