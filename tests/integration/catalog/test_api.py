"""The API of the catalog: statuses, bodies, headers, and the fields that errors name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from catalog.domain import CATEGORIES
from catalog.domain.cells import cell_start, first_cell
from kernel.actors import Actor
from kernel.clock import epoch
from kernel.clock import now as clock_now
from kernel.money import Money
from tests.factories.accounts import ApiClient, make_admin, make_customer, make_provider
from tests.factories.bookings import make_scene, next_day
from tests.factories.catalog import PROFILE, Shop, claim, open_shop, unique_city

Api = Callable[..., ApiClient]
V1 = "/api/v1"
PRIVATE = ("owner", "latitude", "longitude", "version", "minimum_notice_minutes")
SERVICE = {
    "name": "Leak repair",
    "category": "plumbing",
    "price": {"amount": 9000, "currency": "USD"},
    "duration_minutes": 60,
}


def error_fields(response: Any) -> list[str]:
    return [error["field"] for error in response.json()["errors"]]


def post_service(client: ApiClient, body: Any, key: str | None = None, query: str = "") -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post(f"{V1}/provider/services{query}", body, headers=headers)


def people(shop: Shop) -> dict[str, Actor | None]:
    return {
        "anonymous": None,
        "customer": make_customer(),
        "owner": shop.actor,
        "other provider": make_provider(),
        "admin": make_admin(),
    }


class TestPublicReads:
    def test_categories(self, api: Api) -> None:
        response = api().get(f"{V1}/categories")
        assert response.status_code == 200
        assert response.json()["next"] is None
        assert [row["slug"] for row in response.json()["results"]] == [category.slug for category in CATEGORIES]

    def test_everyone_may_read_what_is_public(self, api: Api) -> None:
        shop = open_shop()
        service_id = shop.add()
        for actor in people(shop).values():
            for path in (
                "/categories",
                "/services?category=plumbing",
                f"/services/{service_id}",
                "/providers",
                f"/providers/{shop.provider_id}",
                f"/providers/{shop.provider_id}/availability?service_id={service_id}",
            ):
                assert api(actor).get(f"{V1}{path}").status_code == 200, path

    def test_a_service_with_its_provider_and_terms(self, api: Api, dynamodb_calls: list[str]) -> None:
        shop = open_shop()
        service_id = shop.add(description="Same day")
        shop.rate(4)
        dynamodb_calls.clear()
        response = api().get(f"{V1}/services/{service_id}")
        assert dynamodb_calls == ["BatchGetItem"]
        assert response.json() == {
            "id": service_id,
            "provider_id": shop.provider_id,
            **SERVICE,
            "description": "Same day",
            "bookable": True,
            "provider": {
                "id": shop.provider_id,
                "name": "Maple Plumbing",
                "city": "Austin",
                "country": "US",
                "time_zone": "America/Chicago",
                "rating": {"average": 4.0, "count": 1},
            },
            "cancellation": {"free_until_hours_before": 24, "late_fee_percent": 50, "grace_minutes": 60},
            "instant": False,
            "questions": [],
            "photos": [],
            "offer_version": response.json()["offer_version"],
        }

    def test_a_provider_with_hours_and_active_services_and_nothing_private(
        self, api: Api, dynamodb_calls: list[str]
    ) -> None:
        shop = open_shop(weekly={"mon": [["09:00", "17:00"]]}, exceptions={"2026-12-24": []})
        service_id = shop.add()
        shop.add(active=False)
        dynamodb_calls.clear()
        response = api().get(f"{V1}/providers/{shop.provider_id}")
        assert dynamodb_calls == ["GetItem", "BatchGetItem"]
        body = response.json()
        assert [service["id"] for service in body["services"]] == [service_id]
        assert body["rating"] == {"average": None, "count": 0, "numbers": dict.fromkeys("12345", 0)}
        assert body["hours"]["time_zone"] == "America/Chicago"
        assert body["hours"]["weekly"]["mon"] == [["09:00", "17:00"]]
        assert body["hours"]["exceptions"] == {"2026-12-24": []}
        assert shop.actor.user_id not in response.content.decode()
        assert not any(name in response.content.decode() for name in PRIVATE)

    @pytest.mark.parametrize(
        "path",
        [
            "/services/nonsense",
            f"/services/{'0' * 12}-{'0' * 14}",
            "/providers/nonsense",
            f"/providers/{'0' * 12}",
            f"/providers/{'0' * 12}/availability?service_id={'0' * 12}-{'0' * 14}",
        ],
    )
    def test_what_does_not_exist_is_not_found(self, api: Api, path: str) -> None:
        response = api().get(f"{V1}{path}")
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"

    def test_an_inactive_service_is_not_found_except_by_those_who_manage_it(self, api: Api) -> None:
        shop = open_shop()
        service_id = shop.add(active=False)
        availability = f"{V1}/providers/{shop.provider_id}/availability?service_id={service_id}"
        assert api().get(f"{V1}/services/{service_id}").status_code == 404
        assert api().get(availability).status_code == 404
        assert api(shop.actor).get(f"{V1}/provider/services/{service_id}").status_code == 200


class TestSearch:
    def test_filters_sort_and_next(self, api: Api, dynamodb_calls: list[str]) -> None:
        city = unique_city()
        shop = open_shop(city=city)
        prices = {shop.add(price=Money(amount, "USD")): amount for amount in (3000, 1000, 2000)}
        query = {"category": "plumbing", "city": city, "country": "us", "sort": "price", "limit": "2"}
        dynamodb_calls.clear()
        first = api().get(f"{V1}/services", query).json()
        assert dynamodb_calls == ["Query"]
        assert [row["price"]["amount"] for row in first["results"]] == [1000, 2000]
        assert first["next"].startswith("http://testserver/api/v1/services?")
        last = api().get(first["next"]).json()
        assert [prices[row["id"]] for row in last["results"]] == [3000]
        assert last["next"] is None

    def test_near_a_point_the_distance_is_shown(self, api: Api) -> None:
        shop = open_shop(latitude=-40.0, longitude=-70.0, city=unique_city())
        service_id = shop.add()
        query = {"near": "-40.1,-70.0", "radius_km": "20", "category": "plumbing"}
        rows = api().get(f"{V1}/services", query).json()["results"]
        # From roughly where the provider begins, which is 11.1 km away.
        assert [(row["id"], row["distance_km"]) for row in rows] == [(service_id, 11.3)]

    def test_words_rating_currency_and_a_free_day(self, api: Api) -> None:
        city = unique_city()
        shop = open_shop(city=city, name="Großmann Söhne")
        service_id = shop.add(name="Boiler service")
        shop.rate(4)
        day = (clock_now() + timedelta(days=3)).date().isoformat()
        query = {"city": city, "country": "US"}
        for filters, found in (
            ({"q": "GROSS boil"}, True),
            ({"q": "gross bathroom"}, False),
            ({"min_rating": "4"}, True),
            ({"min_rating": "4.01"}, False),
            ({"currency": "USD"}, True),
            ({"currency": "EUR"}, False),
            ({"free_on": day}, True),
            ({"free_on": "2020-01-01"}, False),
        ):
            rows = api().get(f"{V1}/services", {**query, **filters}).json()["results"]
            assert [row["id"] for row in rows] == ([service_id] if found else []), filters

    @pytest.mark.parametrize(
        ("path", "query", "field"),
        [
            ("services", {"category": "witchcraft"}, "category"),
            ("services", {"price_min": "-1"}, "price_min"),
            ("services", {"price_max": "1.5"}, "price_max"),
            ("services", {"price_min": "2", "price_max": "1"}, "price_max"),
            ("services", {"currency": "XXX"}, "currency"),
            ("services", {"city": "Austin"}, "country"),
            ("services", {"city": "Austin", "country": "U1"}, "country"),
            ("services", {"near": "91,0"}, "near"),
            ("services", {"near": "here"}, "near"),
            ("services", {"near": "1,2", "radius_km": "51"}, "radius_km"),
            ("services", {"near": "1,2", "radius_km": "nan"}, "radius_km"),
            ("services", {"radius_km": "5"}, "near"),
            ("services", {"near": "1,2", "city": "Austin", "country": "US"}, "city"),
            ("services", {"min_rating": "5.1"}, "min_rating"),
            ("services", {"free_on": "20260601"}, "free_on"),
            ("services", {"free_on": "2026-02-30"}, "free_on"),
            ("services", {"free_on": "9999-12-31"}, "free_on"),
            ("services", {"q": "a b c d e f g h i"}, "q"),
            ("services", {"sort": "distance"}, "sort"),
            ("services", {"sort": "name"}, "sort"),
            ("services", {"limit": "101"}, "limit"),
            ("services", {"cursor": "forged"}, "cursor"),
            ("services", {"colour": "red"}, "colour"),
            ("providers", {"country": "US"}, "city"),
            ("providers", {"min_rating": "-1"}, "min_rating"),
            ("providers", {"category": "plumbing"}, "category"),
        ],
    )
    def test_a_refused_parameter_is_named(self, api: Api, path: str, query: dict[str, str], field: str) -> None:
        response = api().get(f"{V1}/{path}", query)
        assert response.status_code == 400
        assert error_fields(response) == [field]

    def test_a_circle_that_is_too_broad_is_unprocessable(self, api: Api) -> None:
        response = api().get(f"{V1}/services", {"near": "70,20", "radius_km": "50"})
        assert response.status_code == 422
        assert error_fields(response) == ["radius_km"]

    def test_providers(self, api: Api) -> None:
        city = unique_city()
        shop = open_shop(city=city)
        shop.add()
        response = api().get(f"{V1}/providers", {"city": city, "country": "US"})
        (row,) = response.json()["results"]
        assert (row["id"], row["categories"], row["time_zone"]) == (shop.provider_id, ["plumbing"], "America/Chicago")
        assert shop.actor.user_id not in response.content.decode()
        assert not any(name in row for name in PRIVATE)


class TestAvailability:
    @pytest.fixture
    def shop(self) -> Shop:
        return open_shop(time_zone="UTC", weekly={}, exceptions={self.day(3): [["09:00", "11:00"]]})

    def day(self, days: int) -> str:
        return (clock_now() + timedelta(days=days)).date().isoformat()

    def path(self, shop: Shop, service_id: str) -> str:
        return f"{V1}/providers/{shop.provider_id}/availability?service_id={service_id}"

    def test_the_free_starts_of_a_day(self, api: Api, shop: Shop, dynamodb_calls: list[str]) -> None:
        service_id = shop.add(duration_minutes=90)
        dynamodb_calls.clear()
        response = api().get(self.path(shop, service_id))
        assert dynamodb_calls == ["BatchGetItem", "Query"]
        body = response.json()
        day = self.day(3)
        assert body["results"] == [
            {"starts_at": f"{day}T09:00:00Z", "ends_at": f"{day}T10:30:00Z"},
            {"starts_at": f"{day}T09:15:00Z", "ends_at": f"{day}T10:45:00Z"},
            {"starts_at": f"{day}T09:30:00Z", "ends_at": f"{day}T11:00:00Z"},
        ]
        assert body["next"] is None
        assert (body["time_zone"], body["duration_minutes"], body["service_id"]) == ("UTC", 90, service_id)

    def test_claims_count_and_lapsed_holds_do_not(self, api: Api, shop: Shop) -> None:
        service_id = shop.add(duration_minutes=30)
        nine = first_cell(datetime.fromisoformat(self.day(3)).date()) + 36
        soon = epoch(clock_now()) + 600
        claim(shop.provider_id, {nine: None, nine + 2: soon, nine + 5: soon - 1200})
        starts = [free["starts_at"] for free in api().get(self.path(shop, service_id)).json()["results"]]
        free = [cell_start(nine + number).strftime("%Y-%m-%dT%H:%M:%SZ") for number in (3, 4, 5, 6)]
        assert starts == free

    def test_dates_are_the_provider_s_and_both_included(self, api: Api) -> None:
        day = self.day(3)
        shop = open_shop(
            time_zone="Pacific/Auckland", weekly={}, exceptions={day: [["00:00", "01:00"], ["23:00", "24:00"]]}
        )
        service_id = shop.add()
        body = api().get(f"{self.path(shop, service_id)}&from={day}&to={day}").json()
        assert len(body["results"]) == 2
        first = datetime.fromisoformat(body["from"])
        assert body["results"][0]["starts_at"] == body["from"]
        assert first.astimezone(UTC).date() < datetime.fromisoformat(day).date()

    def test_instants_are_half_open(self, api: Api, shop: Shop) -> None:
        service_id, day = shop.add(), self.day(3)
        query = f"&from={day}T09:15:00%2B00:00&to={day}T10:00:00Z"
        starts = [free["starts_at"] for free in api().get(self.path(shop, service_id) + query).json()["results"]]
        assert starts == [f"{day}T09:15:00Z", f"{day}T09:30:00Z", f"{day}T09:45:00Z"]

    def test_a_paused_provider_offers_nothing(self, api: Api) -> None:
        shop = open_shop(accepting_bookings=False)
        service_id = shop.add()
        assert api().get(self.path(shop, service_id)).json()["results"] == []
        assert api().get(f"{V1}/services/{service_id}").json()["bookable"] is False

    def test_another_provider_s_service_is_not_found(self, api: Api, shop: Shop) -> None:
        assert api().get(self.path(shop, open_shop().add())).status_code == 404

    @pytest.mark.parametrize(
        ("query", "status", "field"),
        [
            ("&from=tomorrow", 400, "from"),
            ("&to=2026-06-01T09:00:00", 400, "to"),
            ("&to=9999-12-31", 400, "to"),
            ("&from=9999-12-31T23:59:59Z", 400, "from"),
            ("&from=0001-01-01", 400, "from"),
            ("&from=2026-06-02&to=2026-06-01", 400, "to"),
            ("&from=2026-06-01&to=2026-08-02", 422, "to"),
            ("&service_id=again", 400, "service_id"),
        ],
    )
    def test_a_refused_span_is_named(self, api: Api, shop: Shop, query: str, status: int, field: str) -> None:
        response = api().get(self.path(shop, shop.add()) + query)
        assert response.status_code == status
        assert error_fields(response) == [field]

    def test_62_days_are_allowed_in_one_query(self, api: Api, shop: Shop, dynamodb_calls: list[str]) -> None:
        service_id = shop.add()
        dynamodb_calls.clear()
        response = api().get(f"{self.path(shop, service_id)}&from=2026-06-01&to=2026-08-01")
        assert response.status_code == 200
        assert dynamodb_calls == ["BatchGetItem", "Query"]

    def test_the_service_is_required(self, api: Api, shop: Shop) -> None:
        response = api().get(f"{V1}/providers/{shop.provider_id}/availability")
        assert (response.status_code, error_fields(response)) == (400, ["service_id"])


class TestOwnProfile:
    def test_from_nothing_to_a_profile_and_its_change(self, api: Api) -> None:
        client = api(make_provider())
        assert client.get(f"{V1}/provider").status_code == 404
        created = client.put(f"{V1}/provider", PROFILE)
        assert (created.status_code, created.headers["ETag"]) == (201, '"1"')
        assert urlsplit(created.headers["Location"]).path == f"{V1}/provider"
        assert created.json().items() >= PROFILE.items()
        again = client.put(f"{V1}/provider", PROFILE)
        assert (again.status_code, again.headers["ETag"], again.json()) == (200, '"1"', created.json())
        changed = client.patch(f"{V1}/provider", {"country": "de", "city": "Berlin"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        assert (changed.json()["country"], changed.json()["name"]) == ("DE", PROFILE["name"])
        assert client.get(f"{V1}/provider").json() == changed.json()
        again = client.patch(f"{V1}/provider", {"country": "de", "city": "Berlin"}, headers={"If-Match": '"1"'})
        assert (again.status_code, again.headers["ETag"], again.json()) == (200, '"2"', changed.json())
        stale = client.patch(f"{V1}/provider", {"city": "Bonn"}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")

    @pytest.mark.parametrize(
        ("values", "fields"),
        [
            ({"name": ""}, ["name"]),
            ({"name": None}, ["name"]),
            ({"latitude": 91, "horizon_days": 0}, ["latitude", "horizon_days"]),
            ({"time_zone": "Mars"}, ["time_zone"]),
            ({"country": "Germany"}, ["country"]),
            # Their upper case is II.
            ({"country": "\u0131\u0131"}, ["country"]),
            ({"latitude": True}, ["latitude"]),
            ({"owner_id": "me"}, ["owner_id"]),
            ({"rating_sum": 500, "version": 9}, ["rating_sum", "version"]),
            ({"accepting_bookings": "perhaps"}, ["accepting_bookings"]),
            ({"name": "Bell\x07"}, ["name"]),
        ],
    )
    def test_a_refused_value_is_named(self, api: Api, values: Any, fields: list[str]) -> None:
        shop = open_shop()
        before = shop.provider
        for response in (
            api(shop.actor).put(f"{V1}/provider", {**PROFILE, **values}),
            api(shop.actor).patch(f"{V1}/provider", values),
        ):
            assert response.status_code == 400
            assert sorted(error_fields(response)) == sorted(fields)
        assert shop.provider == before

    def test_required_values_are_named(self, api: Api) -> None:
        response = api(make_provider()).put(f"{V1}/provider", {})
        assert response.status_code == 400
        assert error_fields(response) == ["name", "city", "country", "latitude", "longitude", "time_zone"]

    def test_hours_are_replaced(self, api: Api) -> None:
        shop = open_shop()
        body = {"weekly": {"sat": [["10:00", "12:00"]]}, "exceptions": {"2026-12-24": []}}
        response = api(shop.actor).put(f"{V1}/provider/hours", body)
        assert (response.status_code, response.headers["ETag"]) == (200, f'"{shop.provider.version}"')
        assert response.json()["weekly"]["sat"] == [["10:00", "12:00"]]
        assert response.json()["weekly"]["mon"] == []
        shown = api(shop.actor).get(f"{V1}/provider/hours")
        assert (shown.json(), shown.headers["ETag"]) == (response.json(), response.headers["ETag"])
        stale = api(shop.actor).put(f"{V1}/provider/hours", {"weekly": {}}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "weekly"),
            ({"weekly": {"mon": [["9:00", "17:00"]]}}, "weekly.mon"),
            ({"weekly": {"monday": []}}, "weekly.monday"),
            ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon.0"),
            ({"weekly": {}, "exceptions": {"24.12.": []}}, "exceptions.24.12."),
            ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "weekly.mon"),
        ],
    )
    def test_refused_hours_are_named(self, api: Api, body: Any, field: str) -> None:
        response = api(open_shop().actor).put(f"{V1}/provider/hours", body)
        assert (response.status_code, error_fields(response)) == (400, [field])


class TestOwnServices:
    def test_added_changed_and_deactivated(self, api: Api) -> None:
        shop = open_shop()
        client = api(shop.actor)
        added = post_service(client, SERVICE, key="first")
        assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
        service = added.json()
        path = f"{V1}/provider/services/{service['id']}"
        assert urlsplit(added.headers["Location"]).path == path
        assert service.items() >= SERVICE.items()
        replayed = post_service(client, SERVICE, key="first")
        assert (replayed.status_code, replayed.json()) == (201, service)
        assert replayed.headers["Idempotency-Replayed"] == "true"
        assert post_service(client, {**SERVICE, "name": "Other"}, key="first").status_code == 422

        changed = client.patch(path, {"price": {"amount": 1, "currency": "EUR"}}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        assert changed.json()["price"] == {"amount": 1, "currency": "EUR"}
        again = client.patch(path, {"price": {"amount": 1, "currency": "EUR"}}, headers={"If-Match": '"1"'})
        assert (again.status_code, again.json()) == (200, changed.json())
        assert client.patch(path, {"name": "Stale"}, headers={"If-Match": '"1"'}).status_code == 412
        deleted = client.delete(path)
        assert (deleted.status_code, deleted.json()["active"]) == (200, False)
        assert client.delete(path).json() == deleted.json()
        listed = client.get(f"{V1}/provider/services").json()
        assert listed == {"results": [deleted.json()], "next": None}
        assert client.get(path).json() == deleted.json()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": "x"}, "name"),
            ({"category": "witchcraft"}, "category"),
            ({"price": 9000}, "price"),
            ({"price": {"amount": 9000}}, "price.currency"),
            ({"price": {"amount": -1, "currency": "USD"}}, "price.amount"),
            ({"price": {"amount": 1, "currency": "USD", "tax": 1}}, "price.tax"),
            ({"duration_minutes": 481}, "duration_minutes"),
            ({"provider_id": "mine"}, "provider_id"),
            ({"version": 3}, "version"),
        ],
    )
    def test_a_refused_value_is_named(self, api: Api, values: Any, field: str) -> None:
        shop = open_shop()
        client, service_id = api(shop.actor), shop.add()
        for response in (
            post_service(client, {**SERVICE, **values}),
            client.patch(f"{V1}/provider/services/{service_id}", values),
        ):
            assert (response.status_code, error_fields(response)) == (400, [field])

    def test_an_admin_s_key_is_good_for_one_provider(self, api: Api) -> None:
        client, first, second = api(make_admin()), open_shop(), open_shop()
        assert post_service(client, SERVICE, "same", f"?provider_id={first.provider_id}").status_code == 201
        reused = post_service(client, SERVICE, "same", f"?provider_id={second.provider_id}")
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")

    def test_the_idempotency_key_is_required(self, api: Api) -> None:
        response = api(open_shop().actor).post(f"{V1}/provider/services", SERVICE)
        assert (response.status_code, error_fields(response)) == (400, ["Idempotency-Key"])


class TestWhoMayManage:
    def test_each_endpoint_for_each_person(self, api: Api) -> None:
        shop = open_shop()
        service_id = shop.add()
        of_shop = f"?provider_id={shop.provider_id}"
        hours: dict[str, Any] = {"weekly": {}}
        calls: dict[str, Callable[[ApiClient], Any]] = {
            "GET profile": lambda client: client.get(f"{V1}/provider{of_shop}"),
            "PUT profile": lambda client: client.put(f"{V1}/provider{of_shop}", PROFILE),
            "PATCH profile": lambda client: client.patch(f"{V1}/provider{of_shop}", {"city": "Bonn"}),
            "GET hours": lambda client: client.get(f"{V1}/provider/hours{of_shop}"),
            "PUT hours": lambda client: client.put(f"{V1}/provider/hours{of_shop}", hours),
            "GET services": lambda client: client.get(f"{V1}/provider/services{of_shop}"),
            "POST service": lambda client: post_service(client, SERVICE, query=of_shop),
            "GET service": lambda client: client.get(f"{V1}/provider/services/{service_id}"),
            "PATCH service": lambda client: client.patch(f"{V1}/provider/services/{service_id}", {"name": "New"}),
            "DELETE service": lambda client: client.delete(f"{V1}/provider/services/{service_id}"),
        }
        expected = {"anonymous": 401, "customer": 403, "owner": 200, "other provider": 404, "admin": 200}
        for person, actor in people(shop).items():
            for name, call in calls.items():
                status = 201 if (name, expected[person]) == ("POST service", 200) else expected[person]
                assert call(api(actor)).status_code == status, (person, name)

    def test_an_admin_must_say_whose(self, api: Api) -> None:
        client = api(make_admin())
        assert error_fields(client.get(f"{V1}/provider")) == ["provider_id"]
        missing = client.put(f"{V1}/provider?provider_id={make_provider().provider_id}", PROFILE)
        assert missing.status_code == 404


def test_own_time_is_blocked_listed_changed_and_freed(api: Api) -> None:
    shop = open_shop()
    client = api(shop.actor)
    day = (next_day() + timedelta(days=3)).date()
    body = {"kind": "holiday", "from": day.isoformat(), "to": (day + timedelta(days=1)).isoformat()}
    key = {"Idempotency-Key": uuid4().hex}
    created = client.post(f"{V1}/provider/own-time", body, headers=key)
    assert created.status_code == 201
    again = client.post(f"{V1}/provider/own-time", body, headers=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (created.json(), "true")
    own_time = created.json()
    assert (own_time["kind"], own_time["whole_days"], own_time["version"]) == ("holiday", True, 1)
    assert client.get(f"{V1}/provider/own-time").json() == {"results": [own_time], "next": None}
    assert client.get(created.headers["Location"]).json() == own_time

    part = {"kind": "private", "from": f"{day}T15:00:00Z", "to": f"{day}T17:00:00Z"}
    stale = client.put(created.headers["Location"], part, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = client.put(created.headers["Location"], part, headers={"If-Match": created.headers["ETag"]})
    again = client.put(created.headers["Location"], part, headers={"If-Match": created.headers["ETag"]})
    assert (again.status_code, again.json()) == (200, changed.json())
    assert changed.json() | {"id": own_time["id"]} == changed.json()
    assert (changed.json()["starts_at"], changed.json()["whole_days"]) == (f"{day}T15:00:00Z", False)

    assert client.delete(created.headers["Location"]).status_code == 200
    assert client.get(created.headers["Location"]).status_code == 404
    assert client.get(f"{V1}/provider/own-time").json()["results"] == []


def test_blocking_what_is_booked_names_the_bookings(api: Api) -> None:
    scene = make_scene()
    booking = scene.book(next_day(9))
    client = api(scene.provider)
    body = {"kind": "private", "from": next_day().date().isoformat(), "to": next_day().date().isoformat()}
    refused = client.post(f"{V1}/provider/own-time", body, headers={"Idempotency-Key": uuid4().hex})
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["bookings"]) == ("time_is_booked", [booking.booking_id])
    body |= {"keep_bookings": [booking.booking_id]}  # type: ignore[dict-item]
    created = client.post(f"{V1}/provider/own-time", body, headers={"Idempotency-Key": uuid4().hex})
    assert created.status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kind": "party"}, 400, "kind"),
        ({"from": "tomorrow"}, 400, "from"),
        ({"to": "2020-01-01"}, 400, "to"),
        ({"from": "2020-01-01", "to": "2020-01-02"}, 422, "to"),
        ({"keep_bookings": "all"}, 400, "keep_bookings"),
        ({"note": "x"}, 400, "note"),
    ],
)
def test_own_time_that_cannot_be(api: Api, change: Any, status: int, field: str) -> None:
    day = next_day().date().isoformat()
    body = {"kind": "private", "from": day, "to": day, **change}
    refused = api(open_shop().actor).post(f"{V1}/provider/own-time", body, headers={"Idempotency-Key": uuid4().hex})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (status, field)
