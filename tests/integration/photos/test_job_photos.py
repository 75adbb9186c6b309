"""Photos of a job: the customer's, for the parties of the booking alone."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from bookings import personal_data
from bookings.domain import BookingDetails, Status
from bookings.queries import get_booking
from bookings.services import claim_job_photo, remove_job_photo
from kernel import clock
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from photos import bucket
from photos.domain import PhotoState
from tests.factories.accounts import ApiClient, make_admin, make_customer, make_provider
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.photos import settle, upload

Api = Callable[..., ApiClient]
BOOKINGS = "/api/v1/bookings"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def details_of(scene: Scene, booking_id: str) -> BookingDetails:
    _, details = get_booking(actor=scene.customer, booking_id=booking_id)
    assert details is not None
    return details


def claim(scene: Scene, booking_id: str, upload_id: str | None = None) -> str:
    upload_id = upload_id or upload(scene.customer)
    claim_job_photo(actor=scene.customer, booking_id=booking_id, upload_id=upload_id, now=clock.now())
    return upload_id


def files() -> set[str]:
    return {key for key, _ in bucket._objects("private/")}


def body(scene: Scene, **values: Any) -> dict[str, Any]:
    return {
        "service_id": scene.service_id,
        "offer_version": scene.offer_version,
        "starts_at": next_day(9).isoformat(),
        "address": "12 Elm Street",
        **values,
    }


def test_photos_come_with_the_booking_once_however_often_it_is_sent(scene: Scene, api: Api) -> None:
    uploads = [upload(scene.customer) for _ in range(2)]
    key = uuid4().hex
    first, again = (
        api(scene.customer).post(BOOKINGS, body(scene, uploads=uploads), headers={"Idempotency-Key": key})
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert [photo["state"] for photo in first.json()["photos"]] == ["pending", "pending"]
    settle(*uploads)
    late = api(scene.customer).post(BOOKINGS, body(scene, uploads=uploads), headers={"Idempotency-Key": key})
    assert late.status_code == 201
    assert late.json()["id"] == first.json()["id"]
    shown = api(scene.customer).get(f"{BOOKINGS}/{first.json()['id']}").json()["photos"]
    assert [photo["id"] for photo in shown] == uploads
    assert shown[0]["files"][0]["url"].endswith(".webp")


def test_a_booking_with_uploads_that_are_not_ones_own_is_not_made(scene: Scene, api: Api) -> None:
    claimed = claim(scene, scene.book(next_day(12)).booking_id)
    for uploads in ([upload(make_customer())], ["0" * 32], [claimed], ["../x"], [upload(scene.customer)] * 6):
        answer = api(scene.customer).post(
            BOOKINGS, body(scene, uploads=uploads), headers={"Idempotency-Key": uuid4().hex}
        )
        assert answer.status_code == 400, uploads
        assert [each["field"] for each in answer.json()["errors"]] == ["uploads"]
    assert api(scene.customer).get(BOOKINGS).json()["results"][0]["starts_at"] == next_day(12).isoformat().replace(
        "+00:00", "Z"
    )


def test_who_sees_the_photos_of_a_job(scene: Scene, api: Api) -> None:
    booking = scene.book()
    photo_id = claim(scene, booking.booking_id)
    settle(photo_id)
    path = f"{BOOKINGS}/{booking.booking_id}/photos"

    def shown(actor: Any) -> Any:
        answer = api(actor).get(path)
        return [photo["id"] for photo in answer.json()["results"]] if answer.status_code == 200 else answer.status_code

    # As with the address: the provider sees them from confirming on.
    assert shown(scene.provider) == []
    scene.bring(booking, Status.CONFIRMED)
    assert shown(scene.customer) == shown(scene.provider) == shown(make_admin()) == [photo_id]
    assert shown(None) == 401
    assert shown(make_customer()) == shown(make_provider()) == 404


def test_only_the_customer_changes_them_and_only_while_the_booking_is_open(scene: Scene) -> None:
    booking = scene.book()
    photo_id = claim(scene, booking.booking_id)
    for actor, error in (
        (scene.provider, ForbiddenError),
        (make_admin(), ForbiddenError),
        (make_customer(), NotFoundError),
        (make_provider(), NotFoundError),
    ):
        with pytest.raises(error):
            claim_job_photo(actor=actor, booking_id=booking.booking_id, upload_id=upload(actor), now=clock.now())
        with pytest.raises(error):
            remove_job_photo(actor=actor, booking_id=booking.booking_id, photo_id=photo_id, now=clock.now())
    with pytest.raises(InvalidInputError):
        claim(scene, booking.booking_id, upload(make_customer()))
    for _ in range(4):
        claim(scene, booking.booking_id)
    with pytest.raises(ConflictError):
        claim(scene, booking.booking_id)
    scene.bring(booking, Status.DECLINED)
    with pytest.raises(ConflictError):
        remove_job_photo(actor=scene.customer, booking_id=booking.booking_id, photo_id=photo_id, now=clock.now())


def test_the_files_are_private_and_go_with_the_photo_and_with_the_person(scene: Scene) -> None:
    booking = scene.book()
    first, second = claim(scene, booking.booking_id), claim(scene, booking.booking_id)
    settle(first, second)
    assert {photo.state for photo in details_of(scene, booking.booking_id).photos} == {PhotoState.READY}
    assert any(first in key for key in files())
    assert not {key for key, _ in bucket._objects(f"public/{first}/")}

    remove_job_photo(actor=scene.customer, booking_id=booking.booking_id, photo_id=first, now=clock.now())
    settle(first)
    assert [photo.photo_id for photo in details_of(scene, booking.booking_id).photos] == [second]
    exported = personal_data.export(scene.customer.user_id, now=clock.now())
    assert [photo["id"] for photo in exported["bookings_made"][0]["photos"]] == [second]

    personal_data.erase(scene.customer.user_id, now=clock.now())
    settle(second)
    assert not any(first in key or second in key for key in files())
    assert get_booking(actor=make_admin(), booking_id=booking.booking_id)[1] is None
