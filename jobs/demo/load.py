"""Loading the demo: a pool of pictures made once, people, then listings in batches through the rooms' own rules."""

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from jobs.demo import pictures, texts
from shared import catalog, clock, places
from shared.accounts.bulk import NewAccount, create_many
from shared.gateways import photos
from shared.gateways.blobs import Blobs
from shared.listings.bulk import Offer, Picture, publish_many
from shared.listings.details import Details
from shared.money import MAX_AMOUNT, currency
from shared.places import Place

Progress = Callable[[int, int], None]
Pool = dict[str, list[Picture]]
PICTURES_PER_MOTIF = 20
BATCH = 2000
_DAY = 86_400
# What a euro's worth is in a few currencies, to the nearest power of ten or so; others are close enough to one.
_SCALE = {
    "JPY": 150, "KRW": 1400, "INR": 90, "IDR": 17_000, "VND": 27_000, "CLP": 1000, "HUF": 400, "RUB": 95, "CZK": 25,
    "SEK": 11, "NOK": 11, "DKK": 7, "PLN": 4, "MXN": 20, "ZAR": 20, "TRY": 40, "THB": 37, "PHP": 65, "ARS": 1200,
    "COP": 4500, "NGN": 1600, "EGP": 55, "PKR": 310, "BRL": 6, "CNY": 8, "UAH": 45, "KES": 150, "IRR": 50_000,
    "BDT": 130, "LKR": 330, "TZS": 2800, "UGX": 4000, "XOF": 650, "XAF": 650, "PYG": 8000, "RSD": 117, "AMD": 430,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """A person of the demo and where he lives."""

    owner: int
    name: str
    city: Place


def make_pictures(blobs: Blobs, mark: Path, say: Progress, per_motif: int = PICTURES_PER_MOTIF) -> Pool:
    """The pool of processed pictures, `per_motif` of each kind of thing; `mark` remembers it for the next demo."""
    if mark.exists():
        found = json.loads(mark.read_text())
        pool = {motif: [Picture(**each) for each in made] for motif, made in found.items()}
        if _still_there(blobs, pool):
            return pool
    wanted = [(motif, seed) for motif in pictures.MOTIFS for seed in range(per_motif)]
    pool = {motif: [] for motif in pictures.MOTIFS}
    with ThreadPoolExecutor(2) as workers:
        made = workers.map(lambda each: _make_picture(blobs, *each), wanted)
        for number, ((motif, _), picture) in enumerate(zip(wanted, made, strict=True), 1):
            pool[motif].append(picture)
            say(number, len(wanted))
    plain = {
        motif: [{"width": p.width, "height": p.height, "variants": p.variants} for p in found]
        for motif, found in pool.items()
    }
    mark.write_text(json.dumps(plain))
    return pool


def _still_there(blobs: Blobs, pool: Pool) -> bool:
    """Whether every file of the pool is stored, and from now on young enough to be named by new listings."""
    variants = (files for made in pool.values() for picture in made for files in picture.variants.values())
    return all(blobs.renew(files[kind]) for files in variants for kind in ("avif", "jpg") if kind in files)


def _make_picture(blobs: Blobs, motif: str, seed: int) -> Picture:
    processed = photos.process(pictures.draw(motif, seed))
    for variant in processed.variants:
        blobs.put(variant.name, variant.data, variant.media_type)
    return Picture(processed.width, processed.height, processed.manifest())


def make_people(count: int, seed: int, password_hash: str) -> list[Home]:
    """Confirmed accounts demo-SEED-N@example.org, each at home in a real city; the largest cities get the most."""
    rng = random.Random(f"people-{seed}")
    cities = _cities()
    weights = list(accumulate(1 / (rank + 8) for rank in range(len(cities))))
    new = [NewAccount(f"demo-{seed}-{number}@example.org", texts.person(rng)) for number in range(1, count + 1)]
    return [
        Home(owner, account.name, rng.choices(cities, cum_weights=weights)[0])
        for owner, account in create_many(new, password_hash).items()
    ]


def _cities() -> list[Place]:
    """The three largest cities of each country, largest first."""
    found = [city for country in places.countries() for city in places.cities(country, limit=3)]
    return sorted((city for city in found if city.currency), key=lambda city: -city.population)[:400]


def make_listings(people: list[Home], count: int, seed: int, pool: Pool, say: Progress) -> None:
    """Publish `count` listings of the last month, newest numbers last, and put them into the catalogue."""
    done = 0
    for batch in _batches(people, count, seed, pool):
        catalog.apply_all([catalog.entry_of(document) for document in publish_many(batch)])
        done += len(batch)
        say(done, count)


def _batches(people: list[Home], count: int, seed: int, pool: Pool) -> Iterator[list[Offer]]:
    rng, now = random.Random(f"listings-{seed}"), clock.now()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        yield [_offer(rng, rng.choice(people), pool, now - rng.randrange(28 * _DAY)) for _ in range(size)]


def _offer(rng: random.Random, home: Home, pool: Pool, published_at: int) -> Offer:
    city = home.city
    draft = texts.compose(rng, city.name, _SCALE.get(city.currency, 1))
    kind = "ask" if draft.price is None else "free" if draft.price == 0 else "amount"
    details = Details(
        title=draft.title,
        body=draft.body,
        price_kind=kind,
        price_amount=_minor_units(draft.price, city.currency) if kind == "amount" and draft.price else None,
        price_currency=city.currency if kind == "amount" else None,
        negotiable=draft.negotiable and kind == "amount",
        condition=draft.condition or None,
        city=city.id,
        fields=draft.fields,
    )
    found = [picture for motif in draft.motifs for picture in pool[motif]]
    chosen = rng.sample(found, min(len(found), rng.choice((0, 1, 1, 1, 2, 3, 4))))
    return Offer(home.owner, home.name, draft.category, details, chosen, published_at)


def _minor_units(price: int, code: str) -> int:
    return min(price * 10 ** currency(code).decimals, MAX_AMOUNT)
