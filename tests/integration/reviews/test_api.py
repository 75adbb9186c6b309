"""The API of reviews: who gets which status, and what is in body and headers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from kernel.actors import Actor
from kernel.clock import now
from reviews.services import hide_review
from tests.factories.accounts import ApiClient, make_customer, make_provider
from tests.factories.bookings import Scene, make_scene
from tests.factories.reviews import completed_booking, review

Api = Callable[..., ApiClient]
REVIEWS = "/api/v1/reviews"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def post(client: ApiClient, path: str, body: Any, key: str | None = None) -> Any:
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


def test_writing_a_review(scene: Scene, api: Api) -> None:
    booking = completed_booking(scene)
    body = {"booking_id": booking.booking_id, "rating": 5, "comment": "Quick and clean."}
    first, again = (post(api(scene.customer), REVIEWS, body, "k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert first.headers["ETag"] == '"1"'
    shown = api().get(urlsplit(first.headers["Location"]).path)
    assert (shown.status_code, shown.json(), shown.headers["ETag"]) == (200, first.json(), '"1"')
    assert scene.customer.user_id not in shown.content.decode()
    hide_review(actor=scene.admin, review_id=booking.booking_id, reason="Insults somebody", now=now())
    assert post(api(scene.customer), REVIEWS, body, "k").content == first.content


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("customer", 201),
        ("other customer", 404),
        ("provider", 403),
        ("other provider", 404),
        ("admin", 403),
    ],
)
def test_who_can_review(scene: Scene, api: Api, who: str, status: int) -> None:
    body = {"booking_id": completed_booking(scene).booking_id, "rating": 5, "comment": "Fine"}
    assert post(api(everyone(scene)[who]), REVIEWS, body).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("customer", 403),
        ("other customer", 403),
        ("provider", 201),
        ("other provider", 404),
        ("admin", 403),
    ],
)
def test_who_can_answer(scene: Scene, api: Api, who: str, status: int) -> None:
    booking = completed_booking(scene)
    review(scene, booking)
    path = f"{REVIEWS}/{booking.booking_id}/answer"
    response = post(api(everyone(scene)[who]), path, {"answer": "Thanks"})
    assert response.status_code == status
    if status == 201:
        assert (response.json()["answer"], response.headers["ETag"]) == ("Thanks", '"2"')
        second = post(api(scene.provider), path, {"answer": "Thanks again"})
        assert (second.status_code, second.json()["code"]) == (409, "already_answered")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"rating": 6}, ["rating"]),
        ({"rating": 4.5}, ["rating"]),
        ({"rating": "many"}, ["rating"]),
        ({"comment": ""}, ["comment"]),
        ({"comment": "c" * 2001}, ["comment"]),
        ({"customer_id": "x"}, ["customer_id"]),
        ({"booking_id": None}, ["booking_id"]),
    ],
)
def test_refused_input_is_named(scene: Scene, api: Api, change: dict[str, Any], fields: list[str]) -> None:
    body = {"booking_id": completed_booking(scene).booking_id, "rating": 5, "comment": "Fine", **change}
    response = post(api(scene.customer), REVIEWS, body)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == fields


def test_lists(scene: Scene, api: Api) -> None:
    bookings = [completed_booking(scene, hour=hour) for hour in (9, 11, 13)]
    for booking in bookings:
        review(scene, booking)
    ids = {booking.booking_id for booking in bookings}
    for path in (f"{REVIEWS}?provider_id={scene.provider_id}&", f"/api/v1/providers/{scene.provider_id}/reviews?"):
        first = api().get(f"{path}limit=2").json()
        second = api().get(first["next"]).json()
        assert {row["id"] for row in first["results"] + second["results"]} == ids
        assert second["next"] is None
        assert scene.customer.user_id not in str(first)
    for actor in (scene.customer, scene.provider):
        assert {row["id"] for row in api(actor).get(REVIEWS).json()["results"]} == ids
    assert api(make_customer()).get(REVIEWS).json() == {"results": [], "next": None}
    assert api().get(REVIEWS).status_code == 401
    assert api(scene.admin).get(REVIEWS).json()["errors"][0]["field"] == "provider_id"
    assert api().get(f"{REVIEWS}/nonsense").status_code == 404
