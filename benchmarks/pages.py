"""What pages cost: CPU of all serving processes, requests a second, bytes and requests, at several numbers of listings.

Beside each page stand a bare Flask route that does the same (benchmarks/bare.py says what that means), as it is and
with its page compressed, and the page out of a short-lived cache. The target is against the route as it is, which
sends its page uncompressed while the site sends brotli. A cost is that of the round in which it was lowest: what else a
shared machine does is only ever added. A ratio is the median of those of the rounds, whose loads follow one another.
"""

import argparse
import http.client
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import report, weather
from benchmarks.bare import PATHS
from benchmarks.serving import Load, Server, granian, load, nginx
from jobs.progress import Bar
from jobs.setup import prepare
from shared import catalog, categories, places
from shared.config import ROOT
from shared.search import open_index
from shared.web import urls

# Milliseconds of CPU at 20,000 listings.
TARGETS = {"home": 1.3, "category": 1.8, "listing": 1.2, "search": 2.5}
# Pages that cost the same however many listings there are; what a search costs at more is said by bench search.
FLAT = {"home", "category", "listing"}
MOST_TIMES_BARE, MOST_GROWTH = 1.5, 1.2
# The other ways have no target, and are asked in every fifth round.
_FOR_TARGETS, _SELDOM = {"site", "bare", "compressed"}, 5
_WORDS = ("bicycle", "oak table", "garden", "flat balcony", "winter tyres", "camera lens", "blue sofa", "piano")


@dataclass(frozen=True, slots=True)
class Site:
    """A site of so many listings: its settings, and addresses of each kind of page."""

    listings: int
    environ: Mapping[str, str]
    pages: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One page at one size."""

    listings: int
    page: str
    loads: Mapping[str, Sequence[Load]]
    bytes: int
    requests: int

    def cheapest(self, way: str = "site") -> Load:
        return min(self.loads[way], key=lambda each: each.cpu_per_request)

    def cpu_ms(self, way: str = "site") -> float:
        return self.cheapest(way).cpu_per_request * 1000

    def times(self, other: "Row", way: str = "site") -> float:
        """This page's cost to that of another row served in some way."""
        pairs = zip(self.loads["site"], other.loads[way], strict=True)
        return median(one.cpu_per_request / two.cpu_per_request for one, two in pairs)


def main(argv: list[str]) -> int:
    """Measure, print, write docs/performance.md; the exit status says whether every target was met."""
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__)
    parser.add_argument("--listings", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "bench", help="where the demo databases are kept")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(argv)
    sites = []
    for listings in options.listings:
        environ = demo(options.home / str(listings), listings)
        sites.append(Site(listings, environ, addresses()))
    rows = measure(sites, options.seconds, options.rounds)
    text = "\n\n".join([_table(rows), *verdicts(rows)])
    print(text)
    report.write("pages", text)
    return 1 if any("MISSED" in line for line in verdicts(rows)) else 0


def demo(home: Path, listings: int) -> dict[str, str]:
    """The environment of a site under `home` with so many demo listings; loaded unless an earlier bench did."""
    environ = {**os.environ, "STEVESLIST_VAR": str(home), "STEVESLIST_LOG_FORMAT": "text"}
    settings = prepare(environ, say=print)
    done = home / "demo-loaded"
    if not done.exists():
        _command(environ, "demo", "--users", max(50, listings // 10), "--listings", listings, "--seed", 1)
        done.touch()
    elif not open_index(settings).health().ok:  # an earlier version's, and no indexer runs here
        _command(environ, "search", "rebuild")
    return environ


def _command(environ: Mapping[str, str], *words: object) -> None:
    subprocess.run([sys.executable, "-m", "jobs.cli", *map(str, words)], cwd=ROOT, env=environ, check=True)


def measure(sites: Sequence[Site], seconds: int, rounds: int) -> list[Row]:
    """A row for each kind of page of each site. Each round asks every server for every page, so that all share the
    weather."""
    with ExitStack() as stack:
        servers = [_servers(site, stack) for site in sites]
        found: list[dict[str, dict[str, list[Load]]]] = [
            {page: {way: [] for way in ways if way not in _incomparable(page)} for page in site.pages}
            for site, ways in zip(sites, servers, strict=True)
        ]
        bar = Bar("rounds")
        for turn in range(rounds):
            for page, way in [(each, way) for each, asked in found[0].items() for way in asked]:
                if way in _FOR_TARGETS or turn % _SELDOM == 0:
                    weather.wait()
                    for site, ways, loads in zip(sites, servers, found, strict=True):
                        loads[page][way].append(load(ways[way], _asked(way, site.pages[page]), seconds))
            bar(turn + 1, rounds)
        return [
            Row(
                site.listings,
                page,
                loads[page],
                *_weigh(ways["site"], paths[0]),
            )
            for site, ways, loads in zip(sites, servers, found, strict=True)
            for page, paths in site.pages.items()
        ]


def _servers(site: Site, stack: ExitStack) -> dict[str, Server]:
    comparable = [path for page, paths in site.pages.items() if not _incomparable(page) for path in paths]
    bare = {**site.environ, PATHS: " ".join(dict.fromkeys(comparable))}
    servers: dict[str, Server] = {
        "site": stack.enter_context(granian("wsgi:public", site.environ)),
        "bare": stack.enter_context(granian("benchmarks.bare:bare", bare)),
        "compressed": stack.enter_context(granian("benchmarks.bare:compressed", bare)),
        "constant": stack.enter_context(granian("benchmarks.bare:constant", site.environ)),
        "cached": stack.enter_context(granian("benchmarks.bare:cached", site.environ)),
    }
    if _has_nginx():
        servers["nginx"] = stack.enter_context(nginx(servers["site"]))
    return servers


def _incomparable(page: str) -> tuple[str, ...]:
    """What a search costs lies in the engine, which a bare route has nothing to set against."""
    return ("bare", "compressed") if page == "search" else ()


def _asked(way: str, paths: list[str]) -> list[str]:
    """A hit of a cache is the same page again; the others are asked for many pages of the kind."""
    if way == "constant":
        return ["/"]
    return paths[:1] if way in ("cached", "nginx") else paths


def addresses() -> dict[str, list[str]]:
    """Addresses of each kind of page, from the catalogue of the fleet in use."""
    newest = catalog.page(catalog.Scope(), limit=200).rows
    towns = [places.get(city) for city in dict.fromkeys(row.city for row in newest)][:20]
    sections = [urls.browse("", section.slug) for section in categories.SECTIONS]
    return {
        "home": ["/"],
        "category": [*sections, *(urls.browse("", slug) for slug in dict.fromkeys(row.category for row in newest))][
            :30
        ],
        "place": [urls.browse(town.path) for town in towns],
        "search": [urls.search(q=words).replace("+", "%20") for words in _WORDS],
        "listing": [f"/l/{row.public_id}" for row in newest[:60]],
    }


def _weigh(server: Server, path: str) -> tuple[int, int]:
    """The page's bytes as sent with brotli, and how many requests a browser without JavaScript makes for it."""
    body, plain = (_get(server, path, encoding) for encoding in ("br", "identity"))
    pictures = re.findall(r'<(?:img|link rel="(?:icon|stylesheet)")[^>]*?(?:src|href)="([^"]+)"', plain.decode())
    return len(body), 1 + len({*pictures})


def _get(server: Server, path: str, encoding: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    body = connection.getresponse().read()
    connection.close()
    return body


def _has_nginx() -> bool:
    from shutil import which

    return which("nginx") is not None


def _table(rows: list[Row]) -> str:
    head = [
        "listings", "page", "CPU ms", "requests/s", "bytes (br)", "requests",
        "bare ms", "times bare", "bare br ms", "times bare br", "constant ms",
        "in-app cache ms", "requests/s", "nginx ms", "requests/s",
    ]  # fmt: skip
    return report.table(head, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    kept = [part for way in ("cached", "nginx") for part in _cache_cells(row, way)]
    return [
        f"{row.listings:,}",
        row.page,
        f"{row.cpu_ms():.2f}",
        f"{row.cheapest().per_second:,.0f}",
        f"{row.bytes:,}",
        str(row.requests),
        *_bare_cells(row, "bare"),
        *_bare_cells(row, "compressed"),
        f"{row.cpu_ms('constant'):.2f}",
        *kept,
    ]


def _bare_cells(row: Row, way: str) -> list[str]:
    if way not in row.loads:
        return ["-", "-"]
    return [f"{row.cpu_ms(way):.2f}", f"{row.times(row, way):.2f}"]


def _cache_cells(row: Row, way: str) -> list[str]:
    if way not in row.loads:
        return ["-", "-"]
    return [f"{row.cpu_ms(way):.2f}", f"{row.cheapest(way).per_second:,.0f}"]


def verdicts(rows: list[Row]) -> list[str]:
    """A line for each target: what was asked, what was measured, and MISSED where it was."""
    by_page = {(row.listings, row.page): row for row in rows}
    small, large = min(row.listings for row in rows), max(row.listings for row in rows)
    lines = []
    for page, most in TARGETS.items():
        if (small, page) not in by_page:
            continue
        one, many = by_page[small, page], by_page[large, page]
        lines.append(_line(f"{page} at {small:,} listings: ms of CPU", one.cpu_ms(), most))
        if large > small and page in FLAT:
            lines.append(_line(f"{page}: cost at {large:,} to that at {small:,}", many.times(one), MOST_GROWTH))
        if page == "listing":
            against, brotli = (one.times(one, way) for way in ("bare", "compressed"))
            lines.append(_line("listing: times the bare route, which does not compress", against, MOST_TIMES_BARE))
            lines.append(f"- listing: times the bare route with its page compressed: {brotli:.2f}, no target")
    return ["\n".join(lines)]


def _line(what: str, measured: float, most: float) -> str:
    return f"- {what}: {measured:.2f}, target at most {most}{'' if measured <= most else ' - MISSED'}"
