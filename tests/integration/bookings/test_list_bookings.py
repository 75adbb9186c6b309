from datetime import timedelta

import pytest

from bookings.domain import Booking, Status
from bookings.models import BookingItem
from bookings.queries import get_booking, list_bookings
from bookings.services import expire_booking
from kernel import lists, storage
from kernel.clock import now as clock_now
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_child_id
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import Scene, make_scene, next_day

NOW = clock_now()


@pytest.fixture(scope="module")
def scene() -> Scene:
    return make_scene()


@pytest.fixture(scope="module")
def bookings(scene: Scene) -> list[Booking]:
    """Seven of the customer's bookings by start, the third and fifth confirmed, and one of somebody else."""
    made = [scene.book(next_day(9 + hour), now=NOW) for hour in range(7)]
    for index in (2, 4):
        made[index] = scene.bring(made[index], Status.CONFIRMED)
    scene.book(next_day(20), customer=make_customer(), now=NOW)
    return made


def ids(bookings: object) -> list[str]:
    return [booking.booking_id for booking in bookings]  # type: ignore[attr-defined]  # any sequence of bookings


def test_a_customer_walks_own_bookings_page_by_page(scene: Scene, bookings: list[Booking]) -> None:
    found, cursor, pages = [], None, 0
    while cursor or not pages:
        page = list_bookings(actor=scene.customer, limit=3, cursor=cursor, now=NOW)
        found += ids(page.results)
        cursor, pages = page.next_cursor, pages + 1
    assert found == ids(reversed(bookings))
    assert pages == 3


def test_a_provider_sees_all_of_theirs_and_others_none(scene: Scene, bookings: list[Booking]) -> None:
    page = list_bookings(actor=scene.provider, latest_first=False, limit=100, now=NOW)
    assert ids(page.results)[:7] == ids(bookings)
    assert len(page.results) == 8
    assert page.next_cursor is None
    for stranger in (make_customer(), make_provider()):
        assert list_bookings(actor=stranger, limit=100, now=NOW).results == []


def test_the_span_includes_its_start_and_not_its_end(scene: Scene, bookings: list[Booking]) -> None:
    def starting(**span: object) -> list[str]:
        page = list_bookings(actor=scene.customer, latest_first=False, limit=100, now=NOW, **span)  # type: ignore[arg-type]  # the span's two ends
        return ids(page.results)

    starts_from, starts_before = bookings[1].starts_at, bookings[4].starts_at
    assert starting(starts_from=starts_from, starts_before=starts_before) == ids(bookings[1:4])
    assert starting(starts_from=starts_from) == ids(bookings[1:])
    assert starting(starts_before=starts_before) == ids(bookings[:4])
    with pytest.raises(InvalidInputError):
        starting(starts_from=starts_from, starts_before=starts_from)


def test_one_status_for_either_party(scene: Scene, bookings: list[Booking]) -> None:
    for actor in (scene.customer, scene.provider):
        page = list_bookings(actor=actor, status=Status.CONFIRMED, latest_first=False, limit=100, now=NOW)
        assert ids(page.results) == ids([bookings[2], bookings[4]])


@pytest.mark.parametrize("read", [1, 3, 200])
def test_pages_of_one_status_walk_past_the_others_and_repeat_nothing(
    scene: Scene, bookings: list[Booking], read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_READ_FOR_FILTERED", read)
    for actor in (scene.customer, scene.provider):
        found, cursor, pages = [], None, 0
        while cursor or not pages:
            page = list_bookings(
                actor=actor, status=Status.CONFIRMED, latest_first=False, limit=1, cursor=cursor, now=NOW
            )
            found += ids(page.results)
            cursor, pages = page.next_cursor, pages + 1
        assert found == ids([bookings[2], bookings[4]])
        # Few are read at once: some pages stay empty. Many: all are full.
        assert pages > len(found) if read == 1 else pages <= len(found) + 1


def test_a_providers_requests_are_not_hidden_behind_what_is_answered(scene: Scene, bookings: list[Booking]) -> None:
    requests = list_bookings(actor=scene.provider, status=Status.PENDING, latest_first=False, limit=100, now=NOW)
    assert requests.results
    first = list_bookings(actor=scene.provider, status=Status.PENDING, latest_first=True, limit=1, now=NOW)
    assert ids(first.results) == ids(requests.results)[-1:]


def test_an_answered_request_leaves_the_index_of_requests() -> None:
    booking = make_scene().book(now=NOW)
    stored = storage.get_row(BookingItem, booking.booking_id)
    assert stored is not None
    assert "provider_status_key" in stored
    expire_booking(booking_id=booking.booking_id, now=NOW + timedelta(hours=24))
    stored = storage.get_row(BookingItem, booking.booking_id)
    assert stored is not None
    assert "provider_status_key" not in stored


def test_lapsed_requests_are_not_pending_before_and_expired_after_that_is_recorded() -> None:
    scene = make_scene()
    booking = scene.book(now=NOW)
    later = NOW + timedelta(hours=24)

    def listed(status: Status | None) -> list[str]:
        return ids(list_bookings(actor=scene.customer, status=status, limit=10, now=later).results)

    assert listed(Status.PENDING) == []
    assert listed(None) == [booking.booking_id]
    expire_booking(booking_id=booking.booking_id, now=later)
    assert listed(Status.EXPIRED) == [booking.booking_id]


def test_an_admin_names_whose(scene: Scene, bookings: list[Booking]) -> None:
    admin = scene.admin
    page = list_bookings(actor=admin, customer_id=scene.customer.user_id, limit=100, now=NOW)
    assert ids(page.results) == ids(reversed(bookings))
    assert len(list_bookings(actor=admin, provider_id=scene.provider_id, limit=100, now=NOW).results) == 8
    with pytest.raises(InvalidInputError):
        list_bookings(actor=admin, limit=10, now=NOW)
    with pytest.raises(InvalidInputError):
        list_bookings(actor=admin, customer_id="a", provider_id="b", limit=10, now=NOW)
    with pytest.raises(ForbiddenError):
        list_bookings(actor=scene.customer, customer_id=scene.customer.user_id, limit=10, now=NOW)


def test_a_cursor_belongs_to_one_list_and_person(scene: Scene, bookings: list[Booking]) -> None:
    cursor = list_bookings(actor=scene.customer, limit=2, now=NOW).next_cursor
    assert cursor
    for wrong in (
        {"actor": scene.provider},
        {"actor": scene.customer, "status": Status.PENDING},
        {"actor": scene.customer, "latest_first": False},
        {"actor": scene.customer, "starts_from": bookings[0].starts_at},
        {"actor": scene.customer, "cursor": cursor[:-2] + "xx"},
    ):
        with pytest.raises(InvalidInputError) as refusal:
            list_bookings(**{"limit": 2, "cursor": cursor, "now": NOW, **wrong})  # type: ignore[arg-type]  # one wrong value each
        assert refusal.value.errors[0].field == "cursor"


def test_reads_are_one_request_each(scene: Scene, bookings: list[Booking], dynamodb_calls: list[str]) -> None:
    list_bookings(actor=scene.customer, limit=3, now=NOW)
    list_bookings(actor=scene.provider, status=Status.PENDING, limit=3, now=NOW)
    get_booking(actor=scene.customer, booking_id=bookings[0].booking_id)
    assert dynamodb_calls == ["Query", "Query", "BatchGetItem"]


def test_unknown_bookings_are_not_found(scene: Scene) -> None:
    for booking_id in (new_child_id(scene.provider_id), "nonsense"):
        with pytest.raises(NotFoundError):
            get_booking(actor=scene.admin, booking_id=booking_id)
