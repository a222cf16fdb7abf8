"""What is searched: documents and judgements out of files, and listings made of them, as many as are wanted.

Files are `.jsonl` with an object a line (id, title, body; also city, category, price and other fields of a document
where known) or `.tsv` with id, title and perhaps body. What a file does not say is made up, the same for a seed.
"""

import csv
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count, islice
from pathlib import Path
from typing import Any

from jobs.demo.texts import compose
from shared import categories, ids, places
from shared.errors import MarketError
from shared.places import Place
from shared.search import Document

# Listings are of the month before this moment.
NOW = 1_800_000_000
MONTH = 30 * 86_400
_CITIES = 40
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


class UnreadableFile(MarketError):
    """A file that is not of a form this bench knows."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a file: its key there, its words, and fields of `shared.search.Document` that the file knows."""

    key: str
    title: str
    body: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)


def read_texts(path: Path) -> list[Text]:
    """The documents of a file, each key once. Raises UnreadableFile."""
    read = {".jsonl": _from_jsonl, ".tsv": _from_tsv}.get(path.suffix)
    if read is None:
        raise UnreadableFile(f"{path}: documents come as .jsonl or .tsv.")
    try:
        found = {text.key: text for text in read(path)}
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise UnreadableFile(f"{path}: {type(error).__name__}: {error}") from None
    if not found:
        raise UnreadableFile(f"{path} is empty.")
    return list(found.values())


def read_judgements(path: Path) -> dict[str, dict[str, float]]:
    """{query: {document key: grade}} of a `.tsv` with these three columns. Raises UnreadableFile."""
    found: dict[str, dict[str, float]] = {}
    try:
        for query, key, grade in _rows(path):
            found.setdefault(query, {})[key] = float(grade)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: {error}; a line is query, document id and grade, with tabs.") from None
    if not found:
        raise UnreadableFile(f"{path} is empty.")
    return found


def _from_jsonl(path: Path) -> Iterator[Text]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            title = row["title"] if "title" in row else row["heading"]
            yield Text(str(row.get("id", number)), title or "", row.get("body") or "", row)


def _from_tsv(path: Path) -> Iterator[Text]:
    for row in _rows(path):
        yield Text(row[0], row[1], row[2] if len(row) > 2 else "")


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from (row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row)


def as_they_are(texts: Sequence[Text]) -> dict[int, Text]:
    """Each text under the id of its listing."""
    return {ids.compose(1 + at // 1000, 1 + at % 1000): text for at, text in enumerate(texts)}


def demo_texts(seed: int) -> Iterator[Text]:
    """Listings as the demo writes them, without an end."""
    chance = random.Random(f"demo-{seed}")
    cities = _cities()
    for number in count():
        draft = compose(chance, chance.choice(cities).name, 1)
        known = {"category": draft.category, "price": draft.price, "condition": draft.condition or None}
        yield Text(str(number), draft.title, draft.body, known)


def grown(texts: Sequence[Text], wanted: int, seed: int) -> list[Text]:
    """So many texts with bodies: a sample, or all of them and then titles and bodies paired anew.

    A text without a body gets the titles of others, since nearly every listing says more than its title.
    """
    chance = random.Random(f"texts-{seed}")
    few = chance.sample(texts, min(wanted, len(texts)))
    more = [Text("", chance.choice(texts).title, chance.choice(texts).body) for _ in range(wanted - len(few))]
    return [
        each if each.body else Text(each.key, each.title, _said(texts, chance), each.known) for each in [*few, *more]
    ]


def _said(texts: Sequence[Text], chance: random.Random) -> str:
    return ". ".join(text.title for text in chance.choices(texts, k=5))


def make_listings(texts: Mapping[int, Text], seed: int) -> list[Document]:
    """A document for each text: in one of forty cities, the largest with most, with a price and a date of the month."""
    chance = random.Random(f"listings-{seed}")
    cities, slugs = _cities(), sorted(categories.TREE)
    nearest = _Named(cities)
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(cities))))
    found = []
    for listing, text in texts.items():
        city = chance.choices(cities, cum_weights=weights)[0]
        fields: dict[str, Any] = {
            "category": chance.choice(slugs),
            "price": round(500 * 1.0002 ** (chance.random() * 40_000)),
            "has_photo": chance.random() < 0.7,
            "condition": chance.choice((None, "new", "good", "fair")),
            "posted_at": NOW - chance.randrange(MONTH),
        }
        fields.update({name: text.known[name] for name in fields if name in text.known})
        if "city" in text.known:
            city = nearest(text.known["city"])
        found.append(_document(listing, text, city, fields))
    return found


class _Named:
    """A city of ours for each city of a file, whatever it calls them."""

    def __init__(self, cities: Sequence[Place]) -> None:
        self._cities = cities
        self._found: dict[object, Place] = {}

    def __call__(self, name: object) -> Place:
        return self._found.setdefault(name, self._cities[len(self._found) % len(self._cities)])


def _document(listing: int, text: Text, city: Place, fields: Mapping[str, Any]) -> Document:
    category = categories.TREE.get(fields["category"])
    price = fields["price"]
    return Document(
        listing=listing,
        revision=1,
        title=text.title,
        body=text.body,
        city=city.id,
        region=city.region,
        country=city.country,
        category=fields["category"],
        section=categories.section_of(category).slug if category else "for-sale",
        price=None if price is None else int(price),
        currency=None if price is None else "EUR",
        has_photo=bool(fields["has_photo"]),
        condition=fields["condition"],
        lat=city.lat,
        lon=city.lon,
        posted_at=int(fields["posted_at"]),
    )


def _cities() -> list[Place]:
    """The largest cities of all countries, largest first."""
    largest = [city for country in places.countries() for city in places.cities(country, limit=3)]
    return sorted(largest, key=lambda city: -city.population)[:_CITIES]


def phrases(titles: Sequence[str], wanted: int, chance: random.Random) -> list[str]:
    """So many different runs of one to four words out of titles, as people would ask for what is there.

    Fewer when the titles have no more to offer.
    """
    drawn = (_phrase(chance.choice(titles), chance) for _ in range(wanted * 5))
    return list(islice(dict.fromkeys(filter(None, drawn)), wanted))


def _phrase(title: str, chance: random.Random) -> str:
    words = _WORD.findall(title.lower())
    length = chance.choice((1, 2, 2, 2, 3, 3, 4))
    start = chance.randrange(max(1, len(words) - length + 1))
    return " ".join(words[start : start + length])
