"""Search as people use it: what the address asks for, what is shown, and what helps when nothing is."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote_plus

from django.test import Client

from catalog.queries import list_next_free
from catalog.services import count_city
from kernel.clock import now
from tests.factories.bookings import make_scene
from tests.factories.catalog import open_shop, unique_city

ALWAYS_OPEN = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True, slots=True)
class Offered:
    provider_id: str
    service_id: str


def shop_in(city: str) -> Offered:
    """A provider of that city with one service, counted there as the stream's handler does it."""
    shop = open_shop(weekly=ALWAYS_OPEN, city=city, country="US")
    service_id = shop.add()
    count_city(provider_id=shop.provider_id)
    return Offered(shop.provider_id, service_id)


def search(query: str, **headers: str) -> str:
    response = Client().get(f"/search?{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_place_finds_its_services() -> None:
    city = unique_city()
    shop = shop_in(city)

    assert f"/services/{shop.service_id}/book" in search(f"place={quote_plus(city)}")
    assert f"/services/{shop.service_id}/book" in search(f"place={quote_plus(city.upper())}%2C+US")


def test_a_place_without_providers_finds_nothing_and_says_so() -> None:
    page = search("place=Nowhereville")

    assert "<article" not in page
    assert "Nowhereville" in page


def test_what_is_malformed_is_as_if_it_were_not_there() -> None:
    city = unique_city()
    shop = shop_in(city)

    page = search(f"place={quote_plus(city)}&min=cheap&rating=9&on=someday&category=alchemy&sort=luck&near=1,2,3")

    assert f"/services/{shop.service_id}/book" in page


def test_a_filter_that_is_too_narrow_can_be_taken_away() -> None:
    city = unique_city()
    shop_in(city)

    page = search(f"place={quote_plus(city)}&rating=4.5")

    assert "With any rating" in page
    assert f'href="/search?place={quote_plus(city)}"' in page


def test_htmx_gets_the_results_alone_with_the_address_that_shows_them() -> None:
    city = unique_city()
    shop = shop_in(city)

    response = Client().get(
        f"/search?q=&place={quote_plus(city)}&min=&sort=rating", headers={**PART, "HX-Target": "div#results"}
    )

    content = response.content.decode()
    assert "<html" not in content
    assert f"/services/{shop.service_id}/book" in content
    assert response.headers["HX-Push-Url"] == f"/search?place={quote_plus(city)}"
    assert "HX-Target" in response.headers["Vary"]


def test_the_next_free_time_leads_to_booking_it() -> None:
    shop = shop_in(unique_city())

    page = Client().get(f"/search/free?services={shop.service_id},nonsense").content.decode()

    assert re.search(rf"/services/{shop.service_id}/book\?start=", page)


def test_the_next_free_start_is_the_first_that_can_be_booked(dynamodb_calls: list[str]) -> None:
    shop = shop_in(unique_city())
    moment = now()
    dynamodb_calls.clear()

    (found,) = list_next_free([shop.service_id], now=moment)

    assert found.starts_at is not None
    assert moment < found.starts_at < moment + timedelta(days=2)
    assert dynamodb_calls == ["BatchGetItem", "BatchGetItem"]


def test_a_provider_is_shown_with_what_it_offers() -> None:
    shop = shop_in(unique_city())

    page = Client().get(f"/providers/{shop.provider_id}").content.decode()

    assert f"/services/{shop.service_id}/book" in page
    assert Client().get("/providers/nobody").status_code == 404


def test_search_engines_read_a_provider_and_no_word_ends_the_data() -> None:
    scene = make_scene(name="Elm </script><b> Plumbing", description="Pipes & drains")

    page = Client().get(f"/providers/{scene.provider_id}").content.decode()

    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    described = json.loads(block)
    assert described["name"] == "Elm </script><b> Plumbing"
    assert described["makesOffer"][0]["priceCurrency"] == "USD"
    assert "aggregateRating" not in described
    assert f'<link rel="canonical" href="{described["url"]}"' in page
