"""What readers wait for: paints and load on a slow line, the server's first byte, and Lighthouse's scores.

The site stands behind nginx with TLS 1.3 and HTTP/2. Every visit is somebody's first, with nothing in any cache.
"""

import argparse
import http.client
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, Cookie

from benchmarks import report
from benchmarks.browsing import Scores, Visit, chromium, lighthouse, visit
from benchmarks.pages import addresses, demo
from benchmarks.serving import CannotMeasure, Server, free_port, granian, nginx_tls
from benchmarks.slow_line import Speed, available, slow_line
from jobs.cli.test import install_checkers
from jobs.demo import load, texts
from shared import catalog, clock
from shared.config import ROOT, Settings
from shared.gateways.blobs import blobs
from shared.ids import owner_of
from shared.listings.bulk import Offer, publish_many
from shared.listings.details import Details
from shared.web import urls

# WebPageTest's "3G Slow", and what Lighthouse calls "Slow 4G".
SLOW_3G, SLOW_4G = Speed(400, 400), Speed(1638, 150)
TTFB_MS, TTFB_REQUESTS = 50.0, 200
SLOW_4G_POINTS = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
# Three round trips before the first byte are two more than over plain HTTP: 97 is the most that TLS leaves.
SLOW_3G_PERFORMANCE = 96
# What nobody is to find by a search engine fails these by design; and a browser itself logs that there is no such page.
_UNINDEXED = ("is-crawlable", "meta-description")
_ABSENT = (*_UNINDEXED, "http-status-code", "errors-in-console")


@dataclass(frozen=True, slots=True)
class Gates:
    """The most seconds on slow 3G; the largest paint is the first one unless the page has pictures."""

    fcp: float
    load: float
    lcp: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page: addresses of it, of which the first is visited and all are asked for their first byte.

    `left_out` are Lighthouse's audits that do not count here, `scripts` tells whether any are loaded.
    """

    name: str
    paths: Sequence[str]
    gates: Gates
    left_out: tuple[str, ...] = ()
    scripts: bool = False
    cookies: Sequence[Cookie] = ()

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{each['name']}={each['value']}" for each in self.cookies)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of page, measured; `visits` are the medians of its visits without JavaScript and, if it has any, with."""

    kind: Kind
    visits: Mapping[str, Visit]
    ttfb_ms: float
    slow_4g: Scores
    slow_3g: Scores


def main(argv: list[str]) -> int:
    """Measure, print, write docs/performance.md; the exit status says whether every gate was met."""
    parser = argparse.ArgumentParser(prog="bench web", description=__doc__)
    parser.add_argument("--listings", type=int, default=20_000)
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "bench", help="where the demo databases are kept")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    for program in ("chromium", "nginx", "openssl"):
        if which(program) is None:
            raise CannotMeasure(f"This bench needs {program}: apt-get install {program}.")
    if missing := install_checkers():
        raise CannotMeasure(" ".join(missing))
    rows = measure(demo(options.home / str(options.listings), options.listings), options.rounds)
    failed = list(missed(rows))
    text = "\n\n".join([_about(options.rounds), _visits(rows), _scores(rows), *(["\n".join(failed)] if failed else [])])
    print(text)
    report.write("web", text)
    return 1 if failed else 0


def measure(environ: Mapping[str, str], rounds: int) -> list[Row]:
    """A row for each kind of page. Each round visits all of them, so that all share the weather."""
    with ExitStack() as stack:
        line = stack.enter_context(slow_line(SLOW_3G)) if available() else None
        address, port = line.address if line else "127.0.0.1", free_port()
        url = f"https://{address}:{port}"
        public = {"STEVESLIST_PUBLIC_URL": url, "STEVESLIST_TRUSTED_PROXIES": "1"}
        site = stack.enter_context(granian("wsgi:public", {**environ, **public}))
        stack.enter_context(nginx_tls(site, address, port))
        browser = stack.enter_context(chromium(line.far_end if line else ()))
        slowed = None if line else SLOW_3G
        found = kinds(browser, url, _listing_with_photos(environ))
        visits = [{kind.name: _visit(browser, url, kind, slowed) for kind in found} for _ in range(rounds)]
        return [
            Row(
                kind,
                _medians([visits_of[kind.name] for visits_of in visits]),
                ttfb_ms(site, kind),
                _judge(url, kind, SLOW_4G, rounds, scripts=True),
                _judge(url, kind, SLOW_3G, rounds, scripts=False),
            )
            for kind in found
        ]


def kinds(browser: Browser, url: str, with_photos: str) -> list[Kind]:
    """The kinds of pages that a reader or a seller without an account sees; `with_photos` is a listing's address."""
    found = addresses()
    listings = [with_photos, *found["listing"]]
    draft, cookies = _draft(browser, url)
    text, pictures, listing = Gates(1.65, 1.8, 1.65), Gates(1.65, 3.3, 2.4), Gates(1.65, 3.2, 2.4)
    short, shortest = Gates(1.65, 1.7, 1.65), Gates(1.6, 1.6, 1.6)
    return [
        Kind("home", found["home"], text),
        Kind("city", found["place"], short),
        Kind("category", found["category"], text),
        Kind("search", found["search"], text, _UNINDEXED, scripts=True),
        Kind("search with photos", [f"{path}&view=gallery" for path in found["search"]], pictures, _UNINDEXED, True),
        Kind("listing", listings, listing),
        Kind("listing as text", [f"{path}?text=1" for path in listings], short, _UNINDEXED),
        Kind("post: category", ["/post"], short, _UNINDEXED),
        Kind("post: details", [draft], short, _UNINDEXED, cookies=cookies),
        Kind("log in", ["/login"], shortest, _UNINDEXED),
        Kind("no such page", ["/no-such-page"], shortest, _ABSENT),
    ]


def _listing_with_photos(environ: Mapping[str, str]) -> str:
    """The address of a new listing with the eight photos that the gates speak of; the demo's own have four at most."""
    settings = Settings.from_environment(environ)
    pool = load.make_pictures(blobs(settings.blob_url), settings.var / "cache" / "demo-pictures.json", lambda *_: None)
    neighbour = catalog.page(catalog.Scope(), limit=1).rows[0]
    draft = texts.compose(random.Random(1), "Innsbruck", 1)
    details = Details(
        title=draft.title, body=draft.body, condition=draft.condition or None, fields=draft.fields,
        price_kind="free", price_amount=None, price_currency=None, negotiable=False, city=neighbour.city,
    )  # fmt: skip
    pictures = [made[0] for made in pool.values()][:8]
    offer = Offer(owner_of(neighbour.listing), "Ada", draft.category, details, pictures, clock.now())
    return urls.listing(publish_many([offer])[0].id)


def _draft(browser: Browser, url: str) -> tuple[str, list[Cookie]]:
    """The second step of posting, and the cookies that open it."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{url}/post")
    page.select_option("select[name=category]", "furniture")
    page.click("main button")
    page.wait_for_url("**/edit")
    draft, cookies = page.url.removeprefix(url), context.cookies()
    context.close()
    return draft, cookies


def _visit(browser: Browser, url: str, kind: Kind, slowed: Speed | None) -> dict[str, Visit]:
    ways = {"off": False, "on": True} if kind.scripts else {"off": False}
    path = url + kind.paths[0]
    return {
        way: visit(browser, path, javascript=javascript, cookies=kind.cookies, slowed=slowed)
        for way, javascript in ways.items()
    }


def _medians(rounds: Sequence[Mapping[str, Visit]]) -> dict[str, Visit]:
    """Of each figure by itself."""
    return {
        way: Visit(*map(statistics.median_low, zip(*(astuple(each[way]) for each in rounds), strict=True)))
        for way in rounds[0]
    }


def ttfb_ms(server: Server, kind: Kind) -> float:
    """The 95th percentile of the milliseconds until the first byte, asked one after another at the server itself."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Accept-Encoding": "br", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    took = []
    for number in range(TTFB_REQUESTS):
        started = time.perf_counter()
        connection.request("GET", kind.paths[number % len(kind.paths)], headers={**headers, "Cookie": kind.cookie})
        answer = connection.getresponse()
        took.append(1000 * (time.perf_counter() - started))
        answer.read()
    connection.close()
    return statistics.quantiles(took, n=20)[-1]


def _judge(url: str, kind: Kind, speed: Speed, runs: int, *, scripts: bool) -> Scores:
    return lighthouse(url + kind.paths[0], speed, runs, cookie=kind.cookie, left_out=kind.left_out, scripts=scripts)


def _about(rounds: int) -> str:
    line = (
        "packets delayed in software, so with every handshake"
        if available()
        else "requests delayed by Chromium itself, since a line of packets needs root, so WITHOUT handshakes"
    )
    return (
        f"First visits by Chromium on slow 3G ({SLOW_3G.kbps} kbps, {SLOW_3G.rtt_ms} ms; {line}) through nginx with "
        f"TLS 1.3 and HTTP/2; the median of {rounds}. The most that a figure may be stands after it. Bytes are all "
        "that was received, headers included. TTFB is the server's own, the 95th percentile of "
        f"{TTFB_REQUESTS} requests. A certificate of a public CA is about 2 KB larger than ours: 0.04 s."
    )


def _visits(rows: Sequence[Row]) -> str:
    head = ["page", "JavaScript", "FCP s", "LCP s", "load s", "requests", "bytes", "TTFB p95 ms"]
    return report.table(
        head,
        [
            [
                row.kind.name,
                way,
                *(f"{measured:.2f}{f' / {most}' if most else ''}" for measured, most in _seconds(row, way).values()),
                str(each.requests),
                f"{each.bytes:,}",
                f"{row.ttfb_ms:.1f} / {TTFB_MS:.0f}",
            ]
            for row in rows
            for way, each in row.visits.items()
        ],
    )


def _scores(rows: Sequence[Row]) -> str:
    table = report.table(
        ["page", *(f"{name} / {least}" for name, least in SLOW_4G_POINTS.items()), f"slow 3G / {SLOW_3G_PERFORMANCE}"],
        [
            [row.kind.name, *map(str, row.slow_4g.points.values()), str(row.slow_3g.points["performance"])]
            for row in rows
        ],
    )
    return (
        "Lighthouse over simulated slow 4G and the least it may say; last its performance on slow 3G without scripts. "
        f"Of pages that nobody is to find by a search engine, SEO leaves out what only those read.\n\n{table}"
    )


def _seconds(row: Row, way: str) -> dict[str, tuple[float, float | None]]:
    """What was measured, and the most that it may be. Scripts may load as long as they like after the page is shown."""
    seen, gates = row.visits[way], row.kind.gates
    load = gates.load if way == "off" else None
    return {"fcp": (seen.fcp, gates.fcp), "lcp": (seen.lcp, gates.lcp), "load": (seen.load, load)}


def missed(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each gate that was not met. A figure that could not be had meets none."""
    for row in rows:
        for way in row.visits:
            for name, (measured, most) in _seconds(row, way).items():
                if most and not measured <= most:
                    yield f"- {row.kind.name}, JavaScript {way}: {name} {measured:.2f} s, at most {most} - MISSED"
        if row.ttfb_ms > TTFB_MS:
            yield f"- {row.kind.name}: TTFB p95 {row.ttfb_ms:.1f} ms, at most {TTFB_MS:.0f} - MISSED"
        yield from _lost(row, "slow 4G", row.slow_4g, SLOW_4G_POINTS)
        yield from _lost(row, "slow 3G", row.slow_3g, {"performance": SLOW_3G_PERFORMANCE})


def _lost(row: Row, line: str, scores: Scores, least: Mapping[str, int]) -> Iterator[str]:
    for category, points in least.items():
        if scores.points[category] < points:
            why = ", ".join(sorted(scores.failed[category])) or "no single audit"
            yield f"- {row.kind.name}, {line}: {category} {scores.points[category]}, at least {points} ({why}) - MISSED"
