"""The pages in a browser on a slow phone: when the largest thing is painted, and how far things move after that."""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Route, sync_playwright

from benchmarks.report import Figure
from tests.browser.chromium import launch

# How many times slower than this machine the phone is.
_SLOW_DOWN = 4
_PHONE = {"width": 375, "height": 800}
_SETTLED_AFTER_MS = 1_000

_OBSERVE = """
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def measure_in_browser(address: str, paths: dict[str, str], *, rounds: int) -> list[Figure]:
    """Largest paint (the median of the rounds) and layout shift (the largest) of each page, by what it is called."""
    figures: list[Figure] = []
    with _every_processor(), sync_playwright() as playwright:
        browser = launch(playwright)
        for name, path in paths.items():
            seen = [_visit(browser, address + path) for _ in range(rounds)]
            paint, shift = statistics.median(each[0] for each in seen), max(each[1] for each in seen)
            figures.append(Figure(f"page, largest paint on a slow phone: {name}", paint, "ms", 1_800, 1_000))
            figures.append(Figure(f"page, layout shift: {name}", shift, "", 0.02, 0))
        browser.close()
    return figures


@contextmanager
def _every_processor() -> Iterator[None]:
    """Server and client share one processor elsewhere; a browser is on a machine of its own."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _visit(browser: Browser, address: str) -> tuple[float, float]:
    """Open the page as somebody who was never here: the instant of the largest paint in ms, and the shift."""
    context = browser.new_context(viewport=_PHONE, service_workers="block")  # type: ignore[arg-type]
    context.add_init_script(_OBSERVE)
    context.route("**/static/**", _serve_static)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOW_DOWN})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_SETTLED_AFTER_MS)
    seen = page.evaluate("window.seen")
    context.close()
    return seen["paint"], seen["shift"]


def _serve_static(route: Route) -> None:
    """A deployed stage has its static files in S3: here they come from the folder."""
    found = finders.find(urlsplit(route.request.url).path.removeprefix("/static/"))
    if not isinstance(found, str):
        route.abort()
        return
    route.fulfill(path=Path(found))
