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
# What a euro's worth is, roughly, where it is more than about three: it only has to make prices believable.
_SCALE = {
    "AED": 4, "AFN": 80, "ALL": 100, "AMD": 430, "AOA": 1000, "ARS": 1200, "BDT": 130, "BIF": 3400, "BOB": 8,
    "BRL": 6, "BTN": 100, "BWP": 16, "BYN": 4, "CDF": 2800, "CLP": 1000, "CNY": 8, "COP": 4500, "CRC": 580, "CUP": 28,
    "CVE": 110, "CZK": 25, "DJF": 200, "DKK": 7, "DOP": 70, "DZD": 150, "EGP": 55, "ERN": 17, "ETB": 160, "GHS": 13,
    "GMD": 80, "GNF": 10_000, "GTQ": 9, "GYD": 240, "HKD": 9, "HNL": 30, "HTG": 150, "HUF": 400, "IDR": 17_000,
    "ILS": 4, "INR": 90, "IQD": 1500, "IRR": 50_000, "ISK": 145, "JMD": 185, "JPY": 150, "KES": 150, "KGS": 100,
    "KHR": 4600, "KMF": 490, "KPW": 1000, "KRW": 1400, "KZT": 600, "LAK": 25_000, "LBP": 100_000, "LKR": 330,
    "LRD": 210, "LSL": 20, "LYD": 6, "MAD": 11, "MDL": 20, "MGA": 5200, "MKD": 60, "MMK": 2400, "MNT": 4100, "MOP": 9,
    "MRU": 46, "MUR": 53, "MVR": 18, "MWK": 2000, "MXN": 20, "MYR": 5, "MZN": 74, "NAD": 20, "NGN": 1600, "NIO": 42,
    "NOK": 11, "NPR": 160, "PEN": 4, "PGK": 5, "PHP": 65, "PKR": 310, "PLN": 4, "PYG": 8000, "QAR": 4, "RON": 5,
    "RSD": 117, "RUB": 95, "RWF": 1650, "SAR": 4, "SCR": 16, "SDG": 700, "SEK": 11, "SLE": 27, "SOS": 650, "SRD": 45,
    "SSP": 5000, "SYP": 13_000, "SZL": 20, "THB": 37, "TJS": 11, "TMT": 4, "TND": 3, "TRY": 40, "TTD": 8, "TWD": 36,
    "TZS": 2800, "UAH": 45, "UGX": 4000, "UYU": 46, "UZS": 14_000, "VES": 250, "VND": 27_000, "VUV": 140, "XAF": 650,
    "XOF": 650, "XPF": 120, "YER": 280, "ZAR": 20, "ZMW": 27, "ZWG": 30,
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
