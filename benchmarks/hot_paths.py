"""Booking and listing over HTTP, authentication included, against the least that DynamoDB itself takes."""

from collections.abc import Callable

from django.conf import settings
from django.test import Client

from benchmarks.api import booking_body, booking_headers
from benchmarks.interception import withheld
from benchmarks.pairs import Comparison, compare
from benchmarks.report import Figure
from benchmarks.shop import open_shop
from benchmarks.site import Site
from benchmarks.six_calls import SixCallBooking
from kernel import clock

_PATH = "/api/v1/bookings"
_PAGE_ROWS = 20
# As many as people have: the embedded cloud's queries become slow with the size of a partition, DynamoDB's do not.
_BOOKINGS_PER_CUSTOMER = 20


def measure_hot_paths(site: Site, *, rounds: int, warm_up: int) -> list[Figure]:
    """The ratios of creating and listing bookings."""
    numbers = warm_up + rounds
    by_hand = compare(_book_over_http(site, numbers), _book_by_hand(site, numbers), rounds=rounds, warm_up=warm_up)
    six_calls = compare(_book_over_http(site, numbers), _book_with_six_calls(site), rounds=rounds, warm_up=warm_up)
    listing = _compare_listing(site, rounds, warm_up)
    return [
        Figure("POST bookings ÷ raw TransactWriteItems", by_hand.ratio, "times", 2.2, 1.8, str(by_hand)),
        Figure("GET bookings (20 rows) ÷ raw Query", listing.ratio, "times", 1.9, 1.5, str(listing)),
        Figure("POST bookings ÷ six boto3 calls", six_calls.ratio, "times", 0.5, 0.35, str(six_calls)),
    ]


# Each side books at a shop of its own, day after day: the embedded cloud's writes cost more, the fuller the day is, and
# so both sides of a pair come to equally full days.


def _customer(kind: str, number: int) -> str:
    return f"{kind}-{number // _BOOKINGS_PER_CUSTOMER}"


def _book_over_http(site: Site, numbers: int) -> Callable[[int], object]:
    shop = open_shop()
    tokens = {user_id: site.customer_token(user_id) for user_id in {_customer("http", n) for n in range(numbers)}}
    return lambda number: site.api.book(tokens[_customer("http", number)], shop)


def _book_by_hand(site: Site, numbers: int) -> Callable[[int], object]:
    """Sends the very bodies that the application would have sent: same items, same conditions."""
    shop = open_shop()
    client = Client()
    with withheld("TransactWriteItems") as bodies:
        for number in range(numbers):
            response = client.post(
                _PATH,
                booking_body(shop),
                content_type="application/json",
                headers=booking_headers(site.customer_token(_customer("raw", number))),
            )
            if response.status_code != 201:
                raise RuntimeError(f"booking answered {response.status_code}: {response.content.decode()}")
    return lambda number: site.raw.send("TransactWriteItems", bodies[number])


def _book_with_six_calls(site: Site) -> Callable[[int], object]:
    shop = open_shop()
    application = SixCallBooking(
        cloud_url=site.cloud_url,
        prefix=settings.RESOURCE_PREFIX,
        provider_id=shop.provider_id,
        service_id=shop.service_id,
    )
    return lambda number: application.book(_customer("six", number), shop.next_slot(), clock.now())


def _compare_listing(site: Site, rounds: int, warm_up: int) -> Comparison:
    token = site.customer_token("lister")
    for _ in range(_PAGE_ROWS):
        site.book(token)
    with withheld("Query", answer=b'{"Items": []}') as bodies:
        Client().get(_PATH, headers={"Authorization": f"Bearer {token}"})

    def list_bookings(_: int) -> None:
        page = site.api.get(_PATH, token)
        if len(page["results"]) != _PAGE_ROWS:
            raise RuntimeError(f"a page of {len(page['results'])} rows instead of {_PAGE_ROWS}")

    return compare(list_bookings, lambda _: site.raw.send("Query", bodies[0]), rounds=rounds, warm_up=warm_up)
