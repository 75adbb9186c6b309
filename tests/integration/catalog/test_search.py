"""Search against an oracle that filters and sorts the same services in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from catalog.domain import (
    CATEGORIES,
    ListedProvider,
    ListedService,
    MeanRating,
    Point,
    Provider,
    ProviderSearch,
    RatingSummary,
    Service,
    ServiceSearch,
    Sort,
    category_slugs,
    city_key,
    day_bounds,
    offered_starts,
    parse_hours,
    search_words,
    singulars,
)
from catalog.domain.cells import first_cell
from catalog.queries import GLANCE, search_providers, search_services
from catalog.queries.search.partitions import MAX_FURTHER_QUERIES
from catalog.services import change_profile, deactivate_service
from kernel.clock import epoch
from kernel.clock import now as clock_now
from kernel.errors import InvalidInputError, UnprocessableError
from kernel.ids import new_child_id, provider_id_for
from kernel.money import Money
from tests.factories.catalog import (
    EVERY_DAY,
    OFFICE_HOURS,
    build_provider,
    build_service,
    claim,
    open_shop,
    store,
    unique_city,
)

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
DAY = date(2026, 6, 2)
# A place that no other test uses; cells of a geohash meet near it.
CENTRE = Point(45.0, 10.55)
CATEGORY_NAMES = {category.slug: category.name for category in CATEGORIES}
WORDS = ("Leak", "Drain", "Boiler", "Été", "Garden", "Wall")


@dataclass
class Market:
    """Some hundred services with many equal prices and ratings, and the cells claimed of each provider."""

    cities: list[str]
    offers: dict[str, tuple[Service, Provider]]
    claims: dict[str, dict[int, int | None]]

    def matching(self, search: ServiceSearch) -> set[str]:
        """The ids of the services that satisfy the search."""
        return {
            service_id
            for service_id, (service, provider) in self.offers.items()
            if service.active and provider.accepting_bookings and self._matches(search, service, provider)
        }

    def _matches(self, search: ServiceSearch, service: Service, provider: Provider) -> bool:
        text = f"{service.name} {service.description} {provider.name} {CATEGORY_NAMES[service.category]}"
        conditions = (
            search.category in (None, service.category),
            search.price_min is None or service.price.amount >= search.price_min,
            search.price_max is None or service.price.amount <= search.price_max,
            search.currency in (None, service.price.currency),
            search.city is None
            or city_key(str(search.country), search.city) == city_key(provider.country, provider.city),
            search.near is None or provider.distance_to(search.near) <= search.radius_meters,
            search.near is None or provider.distance_to(search.near) <= provider.travel_radius_km * 1000,
            provider.rating.average >= (search.min_rating or 0),
            all(
                any(word.startswith(wanted) or word in singulars(wanted) for word in search_words(text))
                for wanted in search.words or ()
            ),
            search.free_on is None or self._is_free(service, provider, search.free_on),
        )
        return all(conditions)

    def _is_free(self, service: Service, provider: Provider, day: date) -> bool:
        claims = self.claims.get(provider.provider_id, {})
        taken = {cell for cell, held_until in claims.items() if held_until is None or held_until > epoch(NOW)}
        start, end = day_bounds(provider, day)
        return bool(
            offered_starts(
                provider,
                duration_minutes=service.duration_minutes,
                start=start,
                end=end,
                claimed_cells=taken,
                now=NOW,
            )
        )

    def rank(self, search: ServiceSearch, service_id: str) -> float:
        """What the results are sorted by, ascending."""
        service, provider = self.offers[service_id]
        if search.order is Sort.DISTANCE:
            assert search.near is not None
            return round(provider.distance_to(search.near))
        if search.order is Sort.RATING:
            return -provider.rating.rank
        return service.price.amount if search.order is Sort.PRICE else -service.price.amount


@pytest.fixture(scope="module")
def market() -> Market:
    random = Random(5)  # noqa: S311
    cities = [unique_city() for _ in range(3)]
    offers: dict[str, tuple[Service, Provider]] = {}
    claims: dict[str, dict[int, int | None]] = {}
    for _ in range(60):
        provider_id = provider_id_for(uuid4().hex)
        count = random.choice([0, 0, 1, 2])
        provider = build_provider(
            hours=parse_hours(random.choice([EVERY_DAY, OFFICE_HOURS, {"mon": [["09:00", "12:00"]]}]), {}),
            time_zone=random.choice(["Europe/Rome", "America/Chicago", "Asia/Tokyo", "UTC"]),
            provider_id=provider_id,
            name=f"{random.choice(WORDS)} works",
            city=random.choice(cities),
            country="IT",
            location=Point(
                round(CENTRE.latitude + random.uniform(-0.45, 0.45), 5),
                round(CENTRE.longitude + random.uniform(-0.6, 0.6), 5),
            ),
            rating=RatingSummary(count * random.choice([3, 4, 5]), count),
            minimum_notice_minutes=random.choice([0, 2880]),
            buffer_after_minutes=random.choice([0, 30]),
            accepting_bookings=random.random() < 0.9,
            travel_radius_km=(20, 50, 50, 200)[len(offers) % 4],
        )
        services = [
            build_service(
                service_id=new_child_id(provider_id),
                provider_id=provider_id,
                name=f"{random.choice(WORDS)} {random.choice(WORDS).lower()}",
                description=f"for every {random.choice(WORDS)}",
                category=random.choice(category_slugs()),
                price=Money(random.choice([1000, 1500, 1500, 2000, 9000]), random.choice(["EUR", "USD"])),
                duration_minutes=random.choice([30, 120, 240]),
                active=random.random() < 0.9,
            )
            for _ in range(random.randrange(1, 9))
        ]
        store(replace(provider, service_ids=tuple(service.service_id for service in services)), services)
        offers |= {service.service_id: (service, provider) for service in services}
        if random.random() < 0.5:
            first = first_cell(DAY) + random.randrange(0, 40)
            taken = random.choice([range(first, first + 60), range(first, first + 90, 4)])
            limit = random.choice([None, None, epoch(NOW), epoch(NOW) + 1])
            claims[provider_id] = dict.fromkeys(taken, limit)
            claim(provider_id, claims[provider_id])
    return Market(cities, offers, claims)


def walk(search: ServiceSearch, limit: int) -> Iterator[list[str]]:
    """The ids on each page, up to the last."""
    cursor = None
    for _ in range(500):
        page = search_services(search, limit=limit, cursor=cursor, now=NOW)
        assert len(page.results) <= limit
        yield [result.service_id for result in page.results]
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("the pages never end")


def check_walk(market: Market, search: ServiceSearch, limit: int) -> int:
    listed = [service_id for page in walk(search, limit) for service_id in page]
    assert len(listed) == len(set(listed)), "a service is listed twice"
    own = [service_id for service_id in listed if service_id in market.offers]
    assert set(own) == market.matching(search)
    ranks = [market.rank(search, service_id) for service_id in own]
    assert ranks == sorted(ranks)
    return len(own)


def random_search(market: Market, random: Random) -> ServiceSearch:
    filters: dict[str, Any] = {"sort": random.choice([Sort.PRICE, Sort.PRICE_DESCENDING, Sort.RATING])}
    place = random.choice(["none", "city", "near"])
    if place == "city":
        filters |= {"city": random.choice(market.cities), "country": "IT"}
    elif place == "near":
        point = Point(CENTRE.latitude + random.uniform(-0.2, 0.2), CENTRE.longitude + random.uniform(-0.2, 0.2))
        filters |= {"near": point, "radius_km": random.choice([3, 10, 25])}
        filters["sort"] = random.choice([*Sort, None])
    optional: dict[str, Callable[[], Any]] = {
        "category": lambda: random.choice(category_slugs()),
        "price_min": lambda: random.choice([0, 1500]),
        "price_max": lambda: random.choice([1500, 2000]),
        "currency": lambda: "EUR",
        "min_rating": lambda: random.choice([300, 400]),
        "words": lambda: tuple(search_words(random.choice(["le", "drain", "drains", "ete", "works gar"]))),
        "free_on": lambda: random.choice([DAY, DAY - timedelta(days=1), DAY + timedelta(days=30)]),
    }
    for name, choose in optional.items():
        if random.random() < 0.3:
            filters[name] = choose()
    return ServiceSearch(**filters)


@pytest.mark.parametrize("seed", range(12))
def test_walking_all_pages_finds_exactly_what_the_oracle_finds_in_order(market: Market, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(6):
        search = random_search(market, random)
        # Where a page costs one Query, many pages; where it costs a hundred, a few.
        check_walk(market, search, random.choice([1, 3, 20] if search.city and search.category else [40, 100]))


@pytest.mark.parametrize("sort", [Sort.PRICE, Sort.PRICE_DESCENDING, Sort.RATING])
@pytest.mark.parametrize("limit", [7, 100])
def test_equal_values_over_many_partitions_are_listed_once_each(market: Market, sort: Sort, limit: int) -> None:
    search = ServiceSearch(city=market.cities[0], country="IT", sort=sort)
    assert check_walk(market, search, limit) > 50


def test_everything_in_a_circle_is_listed_nearest_first(market: Market) -> None:
    assert check_walk(market, ServiceSearch(near=CENTRE, radius_km=30), 50) > 50
    category = next(iter(market.offers.values()))[0].category
    assert check_walk(market, ServiceSearch(near=CENTRE, radius_km=50, category=category), 3) > 3


def test_a_free_day_considers_hours_notice_claims_and_lapsed_holds(market: Market) -> None:
    searched = [ServiceSearch(city=city, country="IT", free_on=DAY) for city in market.cities]
    free = sum(check_walk(market, search, 20) for search in searched)
    every = sum(len(market.matching(replace(search, free_on=None))) for search in searched)
    # The oracle's day is neither free for all nor for none.
    assert 20 < free < every - 20


def test_a_listed_service_has_its_provider_and_its_distance(market: Market) -> None:
    search = ServiceSearch(near=CENTRE, radius_km=30)
    result = search_services(search, limit=1, now=NOW).results[0]
    service, provider = market.offers[result.service_id]
    assert result == ListedService(
        service_id=service.service_id,
        name=service.name,
        description=service.description,
        category=service.category,
        price=service.price,
        duration_minutes=service.duration_minutes,
        provider_id=provider.provider_id,
        provider_name=provider.name,
        city=provider.city,
        country="IT",
        rating=MeanRating(provider.rating.average, provider.rating.count),
        provider_verified=False,
        distance_meters=provider.distance_to(CENTRE),
    )


class TestCosts:
    """Queries of one page, as docs/access-patterns.md promises them."""

    @pytest.mark.parametrize(
        ("filters", "queries"),
        [
            ({"category": "plumbing"}, 1),
            ({"category": "plumbing", "sort": Sort.PRICE, "price_min": 1500}, 1),
            ({}, 12),
            ({"sort": Sort.PRICE_DESCENDING}, 12),
            # Four cells meet there.
            ({"category": "plumbing", "near": CENTRE, "radius_km": 5, "sort": Sort.PRICE}, 4),
            ({"near": CENTRE, "radius_km": 5, "sort": Sort.RATING}, 48),
        ],
    )
    def test_a_first_page_costs_one_query_for_each_partition(
        self, market: Market, dynamodb_calls: list[str], filters: dict[str, Any], queries: int
    ) -> None:
        dynamodb_calls.clear()
        search_services(ServiceSearch(**filters), limit=2, now=NOW)
        assert dynamodb_calls == ["Query"] * queries

    def test_a_category_in_a_city_costs_one_query(self, market: Market, dynamodb_calls: list[str]) -> None:
        dynamodb_calls.clear()
        search = ServiceSearch(category="plumbing", city=market.cities[0], country="IT")
        search_services(search, limit=20, now=NOW)
        assert dynamodb_calls == ["Query"]

    def test_a_free_day_costs_two_reads_for_each_batch(self, market: Market, dynamodb_calls: list[str]) -> None:
        dynamodb_calls.clear()
        search = ServiceSearch(category="plumbing", city=market.cities[0], country="IT", free_on=DAY)
        search_services(search, limit=20, now=NOW)
        assert dynamodb_calls == ["Query", "BatchGetItem", "BatchGetItem"]

    def test_a_page_stops_when_it_has_cost_enough_and_the_next_goes_on(self, dynamodb_calls: list[str]) -> None:
        city = unique_city()
        provider = build_provider(provider_id=provider_id_for(uuid4().hex), city=city, hours=parse_hours(EVERY_DAY, {}))
        rare = 0
        for batch in range(3):
            services = [
                build_service(
                    service_id=new_child_id(provider.provider_id),
                    provider_id=provider.provider_id,
                    name="Rare work" if (batch, number) == (2, 89) else "Common work",
                    price=Money(1000 + batch * 100 + number, "USD"),
                )
                for number in range(90)
            ]
            store(provider, services)
            rare += sum(service.name == "Rare work" for service in services)
        assert rare == 1
        search = ServiceSearch(category="plumbing", city=city, country="US", words=("rare",), sort=Sort.PRICE)
        dynamodb_calls.clear()
        pages = list(walk(search, 1))
        assert [len(page) for page in pages if page] == [1]
        # 270 services in Queries of 8, of which a page has 17 at most.
        assert len(pages) > 1
        assert len(dynamodb_calls) <= len(pages) * (1 + MAX_FURTHER_QUERIES)

        dynamodb_calls.clear()
        glance = search_services(search, limit=1, effort=GLANCE, now=NOW)
        assert glance.next_cursor is not None
        assert len(dynamodb_calls) <= 1 + GLANCE.further_queries


class TestCursors:
    def test_a_cursor_of_another_search_is_refused(self, market: Market) -> None:
        search = ServiceSearch(city=market.cities[0], country="IT")
        cursor = search_services(search, limit=1, now=NOW).next_cursor
        assert cursor is not None
        for other in (
            replace(search, sort=Sort.PRICE),
            replace(search, min_rating=100),
            replace(search, city=market.cities[1]),
        ):
            with pytest.raises(InvalidInputError) as caught:
                search_services(other, limit=1, cursor=cursor, now=NOW)
            assert [error.field for error in caught.value.errors] == ["cursor"]
        with pytest.raises(InvalidInputError):
            search_services(search, limit=1, cursor=f"{cursor}x", now=NOW)

    def test_a_cursor_survives_that_its_row_is_gone(self, market: Market) -> None:
        city = unique_city()
        shop = open_shop(city=city)
        service_ids = [shop.add(price=Money(1000, "USD")) for _ in range(6)]
        search = ServiceSearch(category="plumbing", city=city, country="US", sort=Sort.PRICE)
        page = search_services(search, limit=2, now=clock_now())
        seen = [result.service_id for result in page.results]
        deactivate_service(actor=shop.actor, service_id=seen[-1], now=clock_now())
        rest = search_services(search, limit=100, cursor=page.next_cursor, now=clock_now())
        assert sorted(seen + [result.service_id for result in rest.results]) == sorted(service_ids)
        assert rest.next_cursor is None


def test_a_circle_over_too_many_partitions_is_refused() -> None:
    with pytest.raises(UnprocessableError) as caught:
        search_services(ServiceSearch(near=Point(70, 20), radius_km=50), limit=1, now=NOW)
    assert (caught.value.errors[0].field, caught.value.errors[0].code) == ("radius_km", "too_broad")
    search_services(ServiceSearch(near=Point(70, 20), radius_km=50, category="moving"), limit=1, now=NOW)


class TestProviders:
    def test_providers_of_a_city_are_listed_best_first(self, market: Market, dynamodb_calls: list[str]) -> None:
        expected = {
            provider.provider_id
            for _, provider in market.offers.values()
            if provider.accepting_bookings and provider.city == market.cities[0] and provider.rating.average >= 300
        }
        search = ProviderSearch(city=market.cities[0].upper(), country="it", min_rating=300)
        dynamodb_calls.clear()
        found: list[ListedProvider] = []
        cursor = None
        while True:
            page = search_providers(search, limit=2, cursor=cursor)
            found += page.results
            cursor = page.next_cursor
            if cursor is None:
                break
        # Those below the least rating may have to be read past.
        assert dynamodb_calls.count("Query") == len(dynamodb_calls) <= -(-len(market.offers) // 2)
        assert {result.provider_id for result in found} == expected
        assert len(found) == len(expected) > 2
        ranks = [result.rating.rank for result in found]
        assert ranks == sorted(ranks, reverse=True)

    def test_all_providers_are_merged_from_four_partitions(self, market: Market, dynamodb_calls: list[str]) -> None:
        expected = {p.provider_id for _, p in market.offers.values() if p.accepting_bookings}
        dynamodb_calls.clear()
        found = []
        cursor = None
        while True:
            page = search_providers(ProviderSearch(), limit=10, cursor=cursor)
            found += [result.provider_id for result in page.results]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(found) == len(set(found))
        assert expected <= set(found)
        dynamodb_calls.clear()
        search_providers(ProviderSearch(), limit=1)
        assert dynamodb_calls == ["Query"] * 4

    def test_a_paused_provider_is_not_listed(self) -> None:
        city = unique_city()
        shop = open_shop(city=city)
        search = ProviderSearch(city=city, country="US")
        assert [result.provider_id for result in search_providers(search, limit=5).results] == [shop.provider_id]
        change_profile(
            actor=shop.actor, provider_id=shop.provider_id, changes={"accepting_bookings": False}, now=clock_now()
        )
        assert search_providers(search, limit=5).results == []
