"""Categories: what listings are sorted into, in two levels, and the details that each kind of thing has.

The tree is data in tree.toml. Listings are put in the categories; a section is only for browsing. Listings that come
without a category go to `OTHER`.
"""

from shared.categories.details import Value, validate
from shared.categories.errors import BrokenTree, UnknownCategory
from shared.categories.tree import (
    CATEGORIES,
    CONDITIONS,
    OTHER,
    SECTIONS,
    TREE,
    Category,
    Field,
    FieldKind,
    PriceKind,
    beginning,
    children,
    get,
    named,
    section_of,
)

__all__ = [
    "CATEGORIES",
    "CONDITIONS",
    "OTHER",
    "SECTIONS",
    "TREE",
    "BrokenTree",
    "Category",
    "Field",
    "FieldKind",
    "PriceKind",
    "UnknownCategory",
    "Value",
    "beginning",
    "children",
    "get",
    "named",
    "section_of",
    "validate",
]
