"""How often each action asks DynamoDB, and what its writes cost: counted, and computed from the items."""

import math
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import orjson
from django.conf import settings
from django.test import Client

from benchmarks.api import booking_body, booking_headers
from benchmarks.interception import Call, Recorder
from benchmarks.report import Figure
from benchmarks.shop import Shop, open_shop
from benchmarks.site import Site
from bookings.stream import OUTBOX
from kernel import clock
from kernel.clock import from_rfc3339

_BOOKINGS = "/api/v1/bookings"

_CAPACITY = "write capacity: "
# What the requests of a booking's life write; what its events write is not counted.
_LIFE = ("book", "confirm", "complete", "pay", "review")
_LIFE_BUDGET, _LIFE_STRETCH = 60, 45

# An action, the least number of round trips that can do it, and the action.
Step = tuple[str, int, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class _Person:
    """Sends requests through the application in this process. Raises `RuntimeError` unless they succeed."""

    token: str

    def get(self, path: str) -> Any:
        return _decoded(Client().get(path, headers={"Authorization": f"Bearer {self.token}"}))

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
        headers = headers or booking_headers(self.token)
        return _decoded(Client().generic(method, path, body, headers["Content-Type"], headers=headers))

    def book(self, shop: Shop) -> str:
        body = booking_body(shop)
        booking_id: str = self.send("POST", _BOOKINGS, body)["id"]
        return booking_id

    def set_status(self, booking_id: str, status: str) -> None:
        self.send("PUT", f"{_BOOKINGS}/{booking_id}/status", orjson.dumps({"status": status}))


def _decoded(response: Any) -> Any:
    if response.status_code not in (200, 201):
        raise RuntimeError(f"{response.request['PATH_INFO']} answered {response.status_code}: {response.content}")
    return response.json()


def measure_round_trips(site: Site) -> list[Figure]:
    """Two figures per action: its round trips against their minimum, its write units against the items' sizes."""
    recorder = Recorder(site.raw)
    figures: list[Figure] = []
    # Once in ten seconds some request reads which tokens were revoked: none of the actions' own calls.
    with mock.patch("accounts.revocations._REFRESH_SECONDS", math.inf):
        for name, minimum, action in _journey(site):
            with recorder.recording() as calls:
                action()
            figures += _figures(name, minimum, calls)
    life = sum(figure.measured for figure in figures if figure.name in {f"{_CAPACITY}{step}" for step in _LIFE})
    return [
        *figures,
        Figure(f"{_CAPACITY}a booking's life", life, "units", _LIFE_BUDGET, _LIFE_STRETCH, detail=", ".join(_LIFE)),
    ]


def _figures(name: str, minimum: int, calls: list[Call]) -> Iterator[Figure]:
    operations = Counter(call.operation for call in calls)
    detail = ", ".join(f"{count} {operation}" for operation, count in operations.items())
    yield Figure(f"round trips: {name}", len(calls), "calls", minimum, detail=detail)
    computed = sum(call.computed_write_units for call in calls)
    if computed:
        charged = sum(call.charged_write_units for call in calls)
        yield Figure(f"{_CAPACITY}{name}", charged, "units", computed, exact=True)


def _journey(site: Site) -> Iterator[Step]:
    """A booking's life and the reads around it. Each step is run before the next one is asked for."""
    # How full the day is counts: with what was booked before, its claims would be a larger item.
    shop, new_shop = open_shop(), open_shop()
    # Ids as long as Cognito's, because the size of items is measured.
    customer = _Person(site.customer_token(str(uuid.uuid4())))
    provider = _Person(site.issuer.token(shop.owner))
    customer.book(shop)

    # Neither the service nor its provider is remembered by this process: they are read first, with one BatchGetItem.
    yield "book at a provider for the first time", 2, lambda: customer.book(new_shop)
    yield "book", 1, lambda: customer.book(shop)
    body, headers = booking_body(shop), booking_headers(customer.token)
    booking = customer.send("POST", _BOOKINGS, body, headers)
    booking_id = booking["id"]
    yield "book again with the same key", 1, lambda: customer.send("POST", _BOOKINGS, body, headers)
    yield "show a booking", 1, lambda: customer.get(f"{_BOOKINGS}/{booking_id}")
    yield "list bookings", 1, lambda: customer.get(_BOOKINGS)

    def let_events_be_handled(version: int) -> None:
        """As in life, where a change finds what was told of the one before: else it would change no outbox entry."""
        OUTBOX.mark_handled(subject_id=booking_id, version=version)

    # A change reads what it changes, then writes.
    let_events_be_handled(1)
    yield "confirm", 2, lambda: provider.set_status(booking_id, "confirmed")
    # The job can be completed once it is about to start.
    settings.CLOCK_OFFSET_SECONDS = (from_rfc3339(booking["starts_at"]) - clock.now()).total_seconds()
    let_events_be_handled(2)
    yield "complete", 2, lambda: provider.set_status(booking_id, "completed")
    let_events_be_handled(3)
    yield "pay", 2, lambda: provider.set_status(booking_id, "paid")
    review = orjson.dumps({"booking_id": booking_id, "rating": 5, "comment": "Quick, clean and friendly."})
    yield "review", 2, lambda: customer.send("POST", "/api/v1/reviews", review)
    settings.CLOCK_OFFSET_SECONDS = 0
    moved_id, new_start = customer.book(shop), orjson.dumps({"starts_at": shop.next_start()})
    yield "reschedule", 2, lambda: customer.send("POST", f"{_BOOKINGS}/{moved_id}/reschedule", new_start)
    cancelled_id = customer.book(shop)
    yield "cancel", 2, lambda: customer.send("POST", f"{_BOOKINGS}/{cancelled_id}/cancel", b"{}")

    day = shop.next_start()[:10]
    availability = f"/api/v1/providers/{shop.provider_id}/availability?service_id={shop.service_id}&from={day}&to={day}"
    yield "search a category", 1, lambda: customer.get("/api/v1/services?category=plumbing")
    yield "search a city", 1, lambda: customer.get("/api/v1/services?category=plumbing&city=Austin&country=US")
    yield "list a provider's reviews", 1, lambda: customer.get(f"/api/v1/reviews?provider_id={shop.provider_id}")
    # The provider's item says which days of claims to read (its zone and buffers), and which services there are.
    yield "show a provider's free times", 2, lambda: customer.get(availability)
    yield "show a provider with its services", 2, lambda: customer.get(f"/api/v1/providers/{shop.provider_id}")
