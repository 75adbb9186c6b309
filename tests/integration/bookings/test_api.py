"""The API of bookings: who gets which status, and what is in body and headers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from bookings.domain import Booking, Status
from kernel.actors import Actor
from kernel.clock import to_rfc3339
from kernel.ids import new_child_id
from tests.factories.accounts import ApiClient, make_customer, make_provider
from tests.factories.bookings import ADDRESS, Scene, assert_claims_match_bookings, make_scene, next_day

Api = Callable[..., ApiClient]
BOOKINGS = "/api/v1/bookings"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def body_for(scene: Scene, hour: int = 9, **values: Any) -> dict[str, Any]:
    starts_at = to_rfc3339(next_day(hour))
    return {
        "service_id": scene.service_id,
        "offer_version": scene.offer_version,
        "starts_at": starts_at,
        "address": ADDRESS,
        "notes": "Ring twice",
        **values,
    }


def post(client: ApiClient, body: Any, key: str | None = None, path: str = BOOKINGS) -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key or uuid4().hex})


def everyone(scene: Scene) -> dict[str, Actor | None]:
    return {
        "anonymous": None,
        "customer": scene.customer,
        "other customer": make_customer(),
        "provider": scene.provider,
        "other provider": make_provider(),
        "admin": scene.admin,
    }


# --- Creating --------------------------------------------------------------------------------------------------------


def test_creating_a_booking(scene: Scene, api: Api) -> None:
    response = post(api(scene.customer), body_for(scene))
    assert response.status_code == 201
    booking = response.json()
    assert response.headers["ETag"] == '"1"'
    assert urlsplit(response.headers["Location"]).path == f"{BOOKINGS}/{booking['id']}"
    assert "Idempotency-Replayed" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert set(booking) == {
        "id", "status", "version", "service_id", "service_name", "provider_id", "provider_name", "customer_id",
        "starts_at", "ends_at", "time_zone", "price", "offer_version", "cancellation", "cancellation_fee",
        "payment_method", "proposal", "expires_at", "created_at", "updated_at", "actions", "address", "notes",
        "reason", "history", "answers", "photos", "caller",
    }  # fmt: skip
    assert booking["starts_at"] == to_rfc3339(next_day(9))
    assert booking["cancellation"]["late_fee"] == {"amount": 5_000, "currency": "USD"}
    assert booking["history"] == [
        {
            "action": "request",
            "at": booking["created_at"],
            "by": "customer",
            "from_status": None,
            "to_status": "pending",
        }
    ]
    shown = api(scene.customer).get(response.headers["Location"])
    assert (shown.status_code, shown.json()) == (200, booking)


def test_repeating_a_key(scene: Scene, api: Api) -> None:
    client, body = api(scene.customer), body_for(scene)
    first, again = post(client, body, "k"), post(client, body, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = post(client, body_for(scene, hour=12), "k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("customer", 201),
        ("other customer", 201),
        ("provider", 403),
        ("other provider", 403),
        ("admin", 403),
    ],
)
def test_who_can_create(scene: Scene, api: Api, who: str, status: int) -> None:
    assert post(api(everyone(scene)[who]), body_for(scene)).status_code == status


@pytest.mark.parametrize(
    ("change", "status", "field", "code"),
    [
        ({"service_id": None}, 400, "service_id", "null"),
        ({"starts_at": "2026-13-01T00:00:00Z"}, 400, "starts_at", "no_such_day"),
        ({"starts_at": "2026-12-01T00:00:00"}, 400, "starts_at", "missing_offset"),
        ({"starts_at": "2026-W49-2T09:00:00Z"}, 400, "starts_at", "invalid"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, 400, "starts_at", "out_of_range"),
        ({"starts_at": 1_800_000_000}, 400, "starts_at", "invalid"),
        ({"starts_at": to_rfc3339(next_day(9, 5))}, 422, "starts_at", "not_aligned"),
        ({"starts_at": to_rfc3339(next_day(9, days=-2))}, 422, "starts_at", "too_soon"),
        ({"address": "abc"}, 400, "address", "length"),
        ({"address": "12 Elm\nStreet"}, 400, "address", "character"),
        ({"notes": "n" * 1001}, 400, "notes", "length"),
        ({"price": {"amount": 1, "currency": "USD"}}, 400, "price", "unknown"),
        ({"status": "confirmed"}, 400, "status", "unknown"),
        ({"customer_id": "someone"}, 400, "customer_id", "unknown"),
    ],
)
def test_refused_input_is_named(
    scene: Scene, api: Api, change: dict[str, Any], status: int, field: str, code: str
) -> None:
    response = post(api(scene.customer), body_for(scene, **change))
    assert response.status_code == status
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]


def test_missing_input_is_named(scene: Scene, api: Api) -> None:
    client = api(scene.customer)
    assert {error["field"] for error in post(client, {}).json()["errors"]} == {
        "service_id",
        "offer_version",
        "starts_at",
        "address",
    }
    keyless = client.post(BOOKINGS, body_for(scene))
    assert keyless.status_code == 400
    assert keyless.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_taken_slot_and_an_unknown_service(scene: Scene, api: Api) -> None:
    assert post(api(scene.customer), body_for(scene)).status_code == 201
    taken = post(api(make_customer()), body_for(scene))
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken")
    unknown = post(api(scene.customer), body_for(scene, service_id=new_child_id(scene.provider_id)))
    assert unknown.status_code == 404


# --- One booking -----------------------------------------------------------------------------------------------------


def call(client: ApiClient, operation: str, booking: Booking, **headers: str) -> Any:
    path = f"{BOOKINGS}/{booking.booking_id}"
    if operation == "show":
        return client.get(path)
    if operation == "cancel":
        return client.post(f"{path}/cancel", headers=headers)
    if operation == "reschedule":
        return client.post(f"{path}/reschedule", {"starts_at": to_rfc3339(next_day(15))}, headers=headers)
    return client.put(f"{path}/status", {"status": operation}, headers=headers)


def test_a_changed_booking_comes_whole_and_with_its_new_version(scene: Scene, api: Api) -> None:
    booking = scene.book(next_day(9))
    for who, operation in ((scene.customer, "show"), (scene.customer, "reschedule"), (scene.provider, "confirmed")):
        response = call(api(who), operation, booking)
        assert (response.status_code, response.json()["id"]) == (200, booking.booking_id)
        assert response.headers["ETag"] == f'"{response.json()["version"]}"'
    assert_claims_match_bookings(scene)


def test_if_match(scene: Scene, api: Api) -> None:
    booking, client = scene.book(), api(scene.provider)
    for operation in ("confirmed", "cancel"):
        stale = call(client, operation, booking, **{"If-Match": '"9"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert call(client, "confirmed", booking, **{"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert call(client, "cancel", booking, **{"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("post", BOOKINGS, "If-Match"),
        ("post", BOOKINGS, "If-None-Match"),
        ("get", BOOKINGS, "If-Match"),
        ("get", "/api/v1/services", "If-Unmodified-Since"),
        ("post", "/api/v1/reviews", "If-Match"),
        ("put", f"{BOOKINGS}/x/status", "If-Unmodified-Since"),
    ],
)
def test_a_condition_that_nobody_looks_at_is_refused(
    scene: Scene, api: Api, method: str, path: str, header: str
) -> None:
    response = api(scene.customer).generic(method.upper(), path, "{}", "application/json", headers={header: '"1"'})
    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(header, "unsupported")]


def test_the_document_of_a_changed_offer_says_what_is_new(scene: Scene, api: Api) -> None:
    response = post(api(scene.customer), body_for(scene, offer_version="of yesterday"))
    assert (response.status_code, response.json()["code"]) == (409, "offer_changed")
    assert response.json()["offer"] == {
        "offer_version": scene.offer_version,
        "price": {"amount": 10_000, "currency": "USD"},
        "duration_minutes": 60,
        "instant": False,
        "cancellation": {
            "free_until_hours_before": 24,
            "late_fee_percent": 50,
            "grace_minutes": 60,
            "fee_now": None,
        },
        "questions": [],
    }
    booking = scene.book(next_day(12))
    path = f"{BOOKINGS}/{booking.booking_id}/cancel"
    refused = api(scene.customer).post(path, {"fee": {"amount": 1, "currency": "USD"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "offer_changed")
    assert refused.json()["offer"]["cancellation"]["fee_now"] == {"amount": 0, "currency": "USD"}
    shown = api(scene.customer).get(f"{BOOKINGS}/{booking.booking_id}").json()
    agreed = {"offer_version": shown["offer_version"], "fee": shown["cancellation"]["fee_now"]}
    assert api(scene.customer).post(path, agreed).json()["status"] == "cancelled"


def test_the_wrong_state(scene: Scene, api: Api) -> None:
    booking = scene.book()
    for status in ("completed", "paid", "no_show", "pending"):
        response = call(api(scene.provider), status, booking)
        assert (response.status_code, response.json()["code"]) == (409, "invalid_transition"), status
    unknown = call(api(scene.provider), "done", booking)
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "status")


def test_repeating_a_change(scene: Scene, api: Api) -> None:
    booking, client = scene.book(), api(scene.provider)
    first, again = call(client, "confirmed", booking), call(client, "confirmed", booking)
    assert (again.status_code, again.content, again.headers["ETag"]) == (200, first.content, '"2"')


def test_address_and_notes_are_hidden_from_the_provider_until_confirmed(scene: Scene, api: Api) -> None:
    booking = scene.book(notes="Beware of the dog")
    client = api(scene.provider)

    def shown(response: Any) -> tuple[Any, Any]:
        return response.json()["address"], response.json()["notes"]

    assert shown(call(client, "show", booking)) == (None, None)
    assert shown(call(client, "confirmed", booking)) == (ADDRESS, "Beware of the dog")
    assert shown(call(api(scene.customer), "cancel", booking)) == (ADDRESS, "Beware of the dog")
    assert shown(call(client, "show", booking)) == (None, None)


def test_nobody_is_named_in_the_history(scene: Scene, api: Api) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    history = call(api(scene.customer), "show", booking).json()["history"]
    assert [(entry["action"], entry["by"]) for entry in history] == [("request", "customer"), ("confirm", "provider")]
    assert scene.provider.user_id not in str(history)


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_lists_are_walked_by_their_next_urls(scene: Scene, api: Api) -> None:
    made = [scene.book(next_day(hour)) for hour in (9, 11, 13)]
    client = api(scene.customer)
    first = client.get(f"{BOOKINGS}?limit=2&order=asc").json()
    second = client.get(first["next"]).json()
    rows = first["results"] + second["results"]
    assert [row["id"] for row in rows] == [booking.booking_id for booking in made]
    assert second["next"] is None
    assert not {"history", "address", "notes", "cancellation"} & set(rows[0])
    assert rows[0]["actions"] == ["cancel", "reschedule"]


def test_filters_of_lists(scene: Scene, api: Api) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    scene.book(next_day(11))
    client = api(scene.provider)

    def found(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{BOOKINGS}?{query}").json()["results"]]

    assert found("status=confirmed") == [booking.booking_id]
    assert found(f"to={to_rfc3339(next_day(11))}") == [booking.booking_id]
    assert booking.booking_id not in found(f"from={to_rfc3339(next_day(10))}")


@pytest.mark.parametrize(
    ("who", "query", "status", "field"),
    [
        ("anonymous", "", 401, None),
        ("admin", "", 400, "customer_id"),
        ("customer", "customer_id=x", 403, None),
        ("customer", "status=done", 400, "status"),
        ("customer", "limit=0", 400, "limit"),
        ("customer", "cursor=x", 400, "cursor"),
        ("customer", "from=2026-01-01", 400, "from"),
        ("customer", "to=0001-01-01T00:00:00Z", 400, "to"),
        ("customer", "sort=price", 400, "sort"),
    ],
)
def test_refused_lists(scene: Scene, api: Api, who: str, query: str, status: int, field: str | None) -> None:
    response = api(everyone(scene)[who]).get(f"{BOOKINGS}?{query}")
    assert response.status_code == status
    assert [error["field"] for error in response.json()["errors"]] == ([field] if field else [])


def test_a_provider_books_for_a_caller_and_erases_them(api: Any, scene: Scene) -> None:
    client = api(scene.provider)
    body = {
        "service_id": scene.service_id,
        "offer_version": scene.offer_version,
        "starts_at": to_rfc3339(next_day(9)),
        "name": "Robin Reed",
        "phone": "217 555 0123",
        "email": "Robin@Example.com",
    }
    key = {"Idempotency-Key": uuid4().hex}
    created = client.post("/api/v1/provider/bookings", body, headers=key)
    assert created.status_code == 201
    booking = created.json()
    assert (booking["status"], booking["customer_id"], booking["address"]) == ("confirmed", None, "")
    caller = {"name": "Robin Reed", "phone": "+12175550123", "email": "robin@example.com", "language": "en"}
    assert booking["caller"] == caller
    assert "propose" not in booking["actions"]
    again = client.post("/api/v1/provider/bookings", body, headers=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (booking, "true")
    address = f"/api/v1/bookings/{booking['id']}"
    moved = client.post(f"{address}/reschedule", {"starts_at": to_rfc3339(next_day(12))})
    assert moved.json()["starts_at"] == to_rfc3339(next_day(12))
    refused = client.delete(f"{address}/caller")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_open")
    client.post(f"{address}/cancel", {})
    assert api(scene.admin).get(address).json()["caller"] == caller
    assert client.delete(f"{address}/caller").status_code == 200
    assert api(scene.admin).get(address).json()["caller"] is None
