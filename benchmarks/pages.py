"""The pages, against what DynamoDB alone takes for what they read, and what a browser loads at a first view."""

import gzip
import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock
from urllib.parse import quote_plus

from django.contrib.staticfiles import finders
from django.test import Client

from accounts.queries import find_user
from benchmarks.browser import measure_in_browser
from benchmarks.pairs import compare
from benchmarks.report import Figure
from benchmarks.site import Site
from catalog.services import count_city
from kernel.storage import shared_transport
from tests.factories.accounts import make_customer
from tests.factories.catalog import open_shop, unique_city
from tests.factories.notifications import enroll

_ROWS = 20
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')

Ask = Callable[[str], bytes]


def measure_pages(site: Site, *, rounds: int, warm_up: int) -> list[Figure]:
    """Server time over that of the raw calls, processor time, and bytes and requests of a first view."""
    visitor, customer = _asking(Client()), _asking(_signed_in())
    results = _results()
    figures: list[Figure] = []
    for name, ask, address in (
        ("results with 20 rows", visitor, results),
        ("a provider", visitor, f"/providers/{site.shop.provider_id}"),
        ("choosing a time", visitor, f"/services/{site.shop.service_id}/book"),
        ("a customer's bookings", customer, "/bookings"),
    ):
        figures.append(_against_raw_calls(site, name, ask, address, rounds=rounds, warm_up=warm_up))
    for name, address, budget, stretch in (
        ("results with 20 rows", results, 10, 5),
        ("a form (sign-up)", "/account/sign-up", 8, 4),
    ):
        milliseconds = _processor_ms(visitor, address, rounds=rounds, warm_up=warm_up)
        figures.append(Figure(f"page, processor time: {name}", milliseconds, "ms", budget, stretch))
    for name, address in (("home", "/"), ("results with 20 rows", results)):
        figures += _first_view(name, visitor(address))
    seen = {
        "home": "/",
        "results with 20 rows": results,
        "a provider": f"/providers/{site.shop.provider_id}",
        "choosing a time": f"/services/{site.shop.service_id}/book",
    }
    return figures + measure_in_browser(site.api.address, seen, rounds=max(3, rounds // 20))


def _signed_in() -> Client:
    actor = make_customer()
    enroll(actor)
    user = find_user(actor.user_id)
    if user is None:
        raise RuntimeError("the customer has no account")
    browser = Client()
    browser.force_login(user)
    return browser


def _asking(browser: Client) -> Ask:
    def ask(address: str) -> bytes:
        response = browser.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        content: bytes = response.content
        return content

    return ask


def _results() -> str:
    """The address of a search that finds 20 services."""
    city = unique_city()
    shop = open_shop(city=city, country="US")
    for number in range(_ROWS):
        shop.add(name=f"Repair {number}")
    count_city(provider_id=shop.provider_id)
    return f"/search?category=plumbing&place={quote_plus(city)}"


def _against_raw_calls(site: Site, name: str, ask: Ask, address: str, *, rounds: int, warm_up: int) -> Figure:
    """The page in this process, by the very calls that it makes, sent by hand."""
    ask(address)
    calls: list[tuple[str, bytes]] = []
    exchange = shared_transport().exchange

    def recording(operation: str, body: bytes) -> tuple[int, bytes]:
        calls.append((operation, body))
        return exchange(operation, body)

    with mock.patch.object(shared_transport(), "exchange", recording):
        ask(address)
    comparison = compare(
        lambda _: ask(address),
        lambda _: [site.raw.send(operation, body) for operation, body in calls],
        rounds=rounds,
        warm_up=warm_up,
    )
    detail = f"{len(calls)} calls; {comparison}"
    return Figure(f"page ÷ its raw calls: {name}", comparison.ratio, "times", 3, 2, detail)


def _processor_ms(ask: Ask, address: str, *, rounds: int, warm_up: int) -> float:
    """The median of the processor time that this process takes for the page, DynamoDB's not counted."""

    def once() -> float:
        started = time.process_time()
        ask(address)
        return (time.process_time() - started) * 1000

    return statistics.median([once() for _ in range(warm_up + rounds)][warm_up:])


def _first_view(name: str, page: bytes) -> Iterator[Figure]:
    """What a browser that was never here loads: the page and what it names, compressed as they are served."""
    sizes = [len(gzip.compress(page)), *(_size(address) for address in sorted(set(_ASSET.findall(page.decode()))))]
    yield Figure(f"page, first view: {name}", sum(sizes) / 1000, "kB", 95, 50)
    yield Figure(f"page, requests of a first view: {name}", len(sizes), "requests", 9, 6)


def _size(address: str) -> int:
    found = finders.find(address.removeprefix("/static/"))
    if not isinstance(found, str):
        raise RuntimeError(f"the page names {address}, which is not there")
    content = Path(found).read_bytes()
    return len(content) if found.endswith(".woff2") else len(gzip.compress(content))
