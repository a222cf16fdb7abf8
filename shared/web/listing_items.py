"""The items of a list of listings as HTML, for the macro `rows` of shared/_listings.html.

In Python because a browse page is fifty of them: field by field in a template they cost three times as much, which was
a tenth of the page (docs/performance.md).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from markupsafe import Markup, escape

from .filters import ago
from .plain_text import one_line

# Prices and places repeat from row to row and from page to page.
_escaped = lru_cache(maxsize=16_384)(escape)


class Row(Protocol):
    """What the macro asks of a row; see templates/shared/_listings.html."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def price(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def flag(self) -> str: ...


def listing_items(rows: Iterable[Row]) -> Markup:
    """One <li> for each row, every field escaped."""
    return Markup("\n".join(map(_item, rows)))


def _item(row: Row) -> str:
    price = f" <b>{_escaped(row.price)}</b>" if row.price else ""
    flag = f"<mark>{_escaped(row.flag)}</mark> " if row.flag else ""
    return (
        f'<li><a href="{_escaped(row.url)}">{one_line(row.title)}</a>{price}'
        f" <small>{flag}{_escaped(row.place)} · {ago(row.at)}</small></li>"
    )
