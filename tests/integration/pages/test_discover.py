"""Search as people use it: what the address asks for, what is shown, and what helps when nothing is."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from unittest.mock import patch
from urllib.parse import quote_plus

import pytest
from django.test import Client

from accounts.services import update_profile
from catalog.queries import list_next_free, search_services
from catalog.queries.search.services import Effort
from catalog.services import count_city
from kernel.actors import Role
from kernel.clock import now
from pages.discover import reads
from tests.factories.accounts import make_account, make_customer
from tests.factories.bookings import make_scene
from tests.factories.browsers import signed_in
from tests.factories.catalog import open_shop, unique_city
from tests.factories.reviews import be_known, completed_booking, review

ALWAYS_OPEN = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True, slots=True)
class Offered:
    provider_id: str
    service_id: str


def shop_in(city: str, country: str = "US") -> Offered:
    """A provider of that city with one service, counted there as the stream's handler does it."""
    shop = open_shop(weekly=ALWAYS_OPEN, city=city, country=country)
    service_id = shop.add()
    count_city(provider_id=shop.provider_id)
    return Offered(shop.provider_id, service_id)


def search(query: str, **headers: str) -> str:
    response = Client().get(f"/search?{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def text_at(address: str) -> str:
    return unescape(Client().get(address).content.decode())


def test_the_first_row_of_what_a_list_is_continued_by_takes_the_focus() -> None:
    city = unique_city()
    shop_in(city)
    shop_in(city)

    assert search(f"place={quote_plus(city)}", **PART, **{"HX-Target": "p#more"}).count("autofocus") == 1
    for whole in (search(f"place={quote_plus(city)}"), search("", **PART, **{"HX-Target": "div#results"})):
        assert "autofocus" not in whole


def test_a_place_finds_its_services() -> None:
    city = unique_city()
    shop = shop_in(city)

    assert f"/services/{shop.service_id}/book" in search(f"place={quote_plus(city)}")
    assert f"/services/{shop.service_id}/book" in search(f"place={quote_plus(city.upper())}%2C+US")


def test_a_place_without_providers_finds_nothing_and_says_so() -> None:
    page = search("place=Nowhereville")

    assert "<article" not in page
    assert "Nowhereville" in page


@pytest.mark.parametrize("day", ["someday", "9999-12-31", "0001-01-01"])
def test_what_is_malformed_is_as_if_it_were_not_there(day: str) -> None:
    city = unique_city()
    shop = shop_in(city)

    page = search(f"place={quote_plus(city)}&min=cheap&rating=9&on={day}&category=alchemy&sort=luck&near=1,2,3")

    assert f"/services/{shop.service_id}/book" in page


def test_a_filter_that_is_too_narrow_can_be_taken_away() -> None:
    city = unique_city()
    shop_in(city)

    page = search(f"place={quote_plus(city)}&rating=4.5")

    assert "With any rating" in page
    assert f'href="/search?place={quote_plus(city)}"' in page


def test_of_words_that_find_nothing_together_one_alone_is_offered() -> None:
    city = unique_city()
    offered = shop_in(city)
    word = text_at(f"/providers/{offered.provider_id}").split("<h1")[1].split(">")[1].split()[0]

    assert f'place={quote_plus(city)}">“{word}”' in search(f"place={quote_plus(city)}&q=unicorns+{quote_plus(word)}")


def test_filters_that_are_too_narrow_together_can_be_taken_away_together() -> None:
    city = unique_city()
    shop_in(city)

    assert "at any price, with any rating" in search(f"place={quote_plus(city)}&rating=4.5&max=0.01&currency=USD")


def test_where_nobody_is_only_another_place_is_offered() -> None:
    city = unique_city()
    shop_in(city)

    page = search(f"place={quote_plus(city)}%2C+Texas&max=1000&currency=USD")
    assert f"In {city}, US" in page
    assert "Anywhere" in page
    assert "At any price" not in page
    assert f"In {city}, US" in search(f"place={quote_plus(city[:-2] + city[-1])}")


def test_a_city_among_the_words_is_offered_as_the_place() -> None:
    city = unique_city()
    shop_in(city)

    page = search(f"q={quote_plus(f'plumber in {city}')}")

    assert f"In {city}, US" in page
    assert f'href="/search?category=plumbing&amp;place={quote_plus(f"{city}, US")}"' in page


def test_far_from_everybody_one_can_look_anywhere() -> None:
    shop_in(unique_city())

    assert "Anywhere" in search("near=-60,10")


def test_what_is_late_in_the_list_is_looked_for_once_more_and_then_no_more_is_said_than_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city = unique_city()
    shop = open_shop(weekly=ALWAYS_OPEN, city=city, country="US")
    for _number in range(18):
        shop.add()
    count_city(provider_id=shop.provider_id)
    monkeypatch.setattr(reads, "PAGE_ROWS", 1)
    monkeypatch.setattr(reads, "search_services", partial(search_services, effort=Effort(further_queries=0)))
    place = f"place={quote_plus(city)}"

    page = search(f"{place}&q=unicorns")

    assert "Nothing was found among the first" in page
    assert "Nothing fits all of it" not in page
    assert "Show more" in page
    assert "at least 1 service" in page


def test_filters_that_contradict_each_other_say_so() -> None:
    assert "The request has invalid fields" not in search("min=100&max=10&currency=USD")


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


def test_filters_stay_in_another_language_and_follow_the_place() -> None:
    shop = make_scene(city=(city := unique_city()))
    count_city(provider_id=shop.provider_id)
    place = f"place={quote_plus(city)}"

    french = search(f"{place}&min=10.5&currency=USD", **{"Accept-Language": "fr"})
    assert 'value="10.5"' in french
    assert "10,5\xa0USD" in french

    part = {**PART, "HX-Target": "div#results"}
    assert 'hx-swap-oob="innerMorph:#f-price' in search(f"{place}&currency=EUR&min=&max=", **part)
    same = search(f"{place}&currency=USD&min=&max=", **part)
    assert "innerMorph:#f-" not in same
    # Read out to whoever does not see that the list has changed.
    said = same.partition("innerHTML:#found")[2].partition("</div>")[0]
    assert said.split()[-2:] == ["1", "service"]
    assert 'hx-swap-oob="innerMorph:#f-distance' in search(f"{place}&currency=USD&km=25", **part)


def test_the_order_that_is_shown_as_chosen_is_the_one_of_the_list() -> None:
    scene = make_scene(city=unique_city())
    place = f"near={scene.offer().provider.location.latitude},{scene.offer().provider.location.longitude}"

    assert re.search(r'value="distance"\s+selected', search(place))
    assert re.search(r'value="price"\s+selected', search(f"{place}&sort=price"))
    assert '<input type="hidden" name="sort" form="search" value="price" />' in search("near=-60,10&sort=price")


def test_the_next_free_time_leads_to_booking_it() -> None:
    shop = shop_in(unique_city())

    page = Client().get(f"/search/free?services={shop.service_id},nonsense").content.decode()

    assert re.search(rf"/services/{shop.service_id}/book\?start=", page)


def test_who_looks_for_a_day_is_offered_a_time_of_that_day() -> None:
    city = unique_city()
    shop = shop_in(city)
    day = (now() + timedelta(days=3)).date()

    page = search(f"place={quote_plus(city)}&on={day}")
    times = Client().get(f"/search/free?services={shop.service_id}&on={day}").content.decode()

    assert f"/book?day={day}" in page
    assert f"&on={day}" in page
    assert f"/book?start={day}" in times


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


def test_a_provider_who_says_nothing_of_itself_has_no_empty_description() -> None:
    page = Client().get(f"/providers/{make_scene(description='').provider_id}").content.decode()

    assert 'name="description"' not in page


def test_search_engines_read_a_provider_and_no_word_ends_the_data() -> None:
    scene = make_scene(name="Elm </script><b> Plumbing", description="Pipes & drains")

    page = Client().get(f"/providers/{scene.provider_id}").content.decode()

    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    described = json.loads(block)
    assert described["name"] == "Elm </script><b> Plumbing"
    assert described["makesOffer"][0]["priceCurrency"] == "USD"
    assert "aggregateRating" not in described
    assert {(day["opens"], day["closes"]) for day in described["openingHoursSpecification"]} == {("00:00", "23:59")}
    assert f'<link rel="canonical" href="{described["url"]}"' in page


# --- A provider's page: ratings by stars, and the next free times ----------------------------------------------------


def test_ratings_are_shown_by_their_stars() -> None:
    scene = make_scene()
    for hour, rating in ((9, 5), (10, 4), (11, 5)):
        customer = make_customer()
        be_known(customer.user_id)
        review(scene, completed_booking(scene, customer=customer, hour=hour), actor=customer, rating=rating)

    page = " ".join(text_at(f"/providers/{scene.provider_id}").split())

    table = re.sub(r"<[^>]+>", " ", page[page.index("Reviews by stars") : page.index("</table>")])
    assert re.findall(r"(\d) stars?\s+(\d+)", table) == [("5", "2"), ("4", "1"), ("3", "0"), ("2", "0"), ("1", "0")]


def test_the_next_free_times_lead_to_booking_them() -> None:
    scene = make_scene()
    page = text_at(f"/providers/{scene.provider_id}")

    href = re.search(rf'class="slot"\s+href="(/services/{scene.service_id}/book\?start=[^"]+)"', page)

    assert href is not None
    assert "2. Who are you?" in text_at(href[1])


def test_the_next_free_times_are_those_of_the_chosen_service() -> None:
    shop = open_shop(weekly={"mon": [["09:00", "10:00"]]})
    first, long = shop.add(), shop.add(duration_minutes=90)

    address = f"/providers/{shop.provider_id}"

    assert f"/services/{first}/book?start=" in text_at(address)
    assert f"/services/{long}/book?start=" not in text_at(f"{address}?service={long}")
    assert "Nothing is free in the next two weeks." in text_at(f"{address}?service={long}")
    assert f"/services/{first}/book?start=" in text_at(f"{address}?service=unknown")


def test_a_provider_who_takes_no_bookings_offers_no_times() -> None:
    shop = open_shop(accepting_bookings=False)
    shop.add()

    assert "Next free times" not in text_at(f"/providers/{shop.provider_id}")


def test_whoever_was_let_down_sees_who_else_offers_the_same_in_the_city() -> None:
    city = unique_city()
    first, second = shop_in(city), shop_in(city)

    page = Client().get("/search", {"like": first.service_id}, follow=True)

    address, status = page.redirect_chain[0]
    assert (address, status) == (f"/search?category=plumbing&place={quote_plus(f'{city}, US')}", 302)
    assert f"/providers/{second.provider_id}" in page.content.decode()


def test_like_a_service_that_there_is_not_everything_is_searched() -> None:
    for unknown in ("", "x", "5egrn8dms02g-pt279s2xmzhw30", "\ud800"):
        assert Client().get("/search", {"like": unknown.encode(errors="surrogatepass")})["Location"] == "/search"


def test_a_day_that_is_over_is_no_filter() -> None:
    city = unique_city()
    offered = shop_in(city)
    over, tomorrow = ((now() + timedelta(days=days)).date() for days in (-2, 1))

    page = search(f"place={quote_plus(city)}&on={over}")
    assert f"/providers/{offered.provider_id}" in page
    assert f'value="{over}"' not in page
    assert re.search(rf'value="{tomorrow}"\s+selected', search(f"place={quote_plus(city)}&on={tomorrow}"))


def days_offered(address: str, moment: datetime, client: Client | None = None) -> list[str]:
    with (
        patch("pages.about.views.now", return_value=moment),
        patch("pages.discover.views.now", return_value=moment),
        patch("pages.discover.forms.now", return_value=moment),
    ):
        page = (client or Client()).get(address).content.decode()
    return re.findall(r'<option value="(2\d\d\d-\d\d-\d\d)"', page)


# By UTC it is another day than in America, or than in France.
EVENING_IN_AMERICA, NIGHT_IN_FRANCE = datetime(2030, 6, 2, 3, tzinfo=UTC), datetime(2030, 6, 2, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "moment", "today"),
    [
        ("US", EVENING_IN_AMERICA, "2030-06-01"),
        ("FR", EVENING_IN_AMERICA, "2030-06-02"),
        ("US", NIGHT_IN_FRANCE, "2030-06-02"),
        ("FR", NIGHT_IN_FRANCE, "2030-06-03"),
    ],
)
def test_days_to_choose_begin_with_today_where_the_place_is(country: str, moment: datetime, today: str) -> None:
    city = unique_city()
    shop_in(city, country)

    offered = days_offered(f"/search?place={quote_plus(city)}", moment)

    assert offered[0] == today
    assert days_offered(f"/search?place={quote_plus(city)}&on={today}", moment) == offered


def test_a_search_that_contradicts_itself_knows_its_place_and_its_today_too() -> None:
    city = unique_city()
    shop_in(city, "FR")
    address = f"/search?place={quote_plus(city)}&min=50&max=10&currency=EUR"

    assert f'<option value="{city}, FR">' in search(address.partition("?")[2])
    assert days_offered(address, EVENING_IN_AMERICA)[0] == "2030-06-02"


def test_without_a_place_days_to_choose_begin_with_the_reader_s_today() -> None:
    shop_in(unique_city(), "US")
    reader = make_account(Role.CUSTOMER)
    update_profile(actor=reader, user_id=reader.user_id, changes={"time_zone": "Pacific/Auckland"})
    for address in ("/", "/search"):
        assert days_offered(address, NIGHT_IN_FRANCE, signed_in(reader))[0] == "2030-06-03"
        # Nobody's clock is known: it is still today where there are providers.
        assert days_offered(address, EVENING_IN_AMERICA)[0] == "2030-06-01"
