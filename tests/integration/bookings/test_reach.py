"""Nobody books a provider for a job that is farther away than they drive, where the place of the job is known."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from catalog.services import change_profile
from kernel.clock import now, to_rfc3339
from tests.factories.accounts import ApiClient
from tests.factories.bookings import ADDRESS, Scene, make_scene, next_day

Api = Callable[..., ApiClient]
# The provider's place is 39.8, -89.6; a tenth of a degree to the north are 11 km.
NEAR, FAR = ({"latitude": latitude, "longitude": -89.6} for latitude in (39.9, 40.1))


@pytest.fixture
def scene() -> Scene:
    return make_scene(travel_radius_km=20)


def post(client: ApiClient, scene: Scene, position: Any, hour: int = 9) -> Any:
    body = {
        "service_id": scene.service_id,
        "offer_version": scene.offer_version,
        "starts_at": to_rfc3339(next_day(hour)),
        "address": ADDRESS,
    } | ({"position": position} if position is not None else {})
    return client.post("/api/v1/bookings", body, headers={"Idempotency-Key": uuid4().hex})


def test_a_job_within_the_radius_is_booked_and_one_beyond_is_not(scene: Scene, api: Api) -> None:
    assert post(api(scene.customer), scene, NEAR).status_code == 201

    refused = post(api(scene.customer), scene, FAR, hour=11)

    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "field": "position",
            "code": "out_of_area",
            "message": "This provider drives up to 20\xa0km, and the job is 34\xa0km away. Choose one who is nearer.",
        }
    ]


def test_where_the_place_is_not_known_nothing_is_refused(scene: Scene, api: Api) -> None:
    assert post(api(scene.customer), scene, None).status_code == 201


def test_a_radius_that_was_widened_counts_at_once(scene: Scene, api: Api) -> None:
    assert post(api(scene.customer), scene, FAR).status_code == 422
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"travel_radius_km": 40}, now=now())
    assert post(api(scene.customer), scene, FAR).status_code == 201


@pytest.mark.parametrize("position", [{"latitude": 91, "longitude": 0}, {"latitude": 1}, "39.9,-89.6", []])
def test_what_is_no_place_is_refused(scene: Scene, api: Api, position: Any) -> None:
    assert post(api(scene.customer), scene, position).status_code == 400
