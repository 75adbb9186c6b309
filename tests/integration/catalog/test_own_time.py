"""Time that providers keep for themselves, on the embedded cloud: set, changed and freed, beside what is booked."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings.domain import Booking, Status
from bookings.services import accept_move, change_status, propose_move, reschedule_booking
from catalog.domain import MAX_OWN_DAYS, OwnTime, OwnTimeKind, ServiceSearch
from catalog.queries import get_availability, list_next_free, list_own_times, search_services
from catalog.services import OwnTimeValues, TimeIsBookedError, block_time, change_own_time, free_own_time, slots
from kernel.clock import now as clock_now
from kernel.errors import ConflictError, ForbiddenError, NotFoundError, StaleVersionError, UnprocessableError
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import Scene, assert_claims_match_bookings, idempotency_of, make_scene, next_day

HOUR = timedelta(hours=1)


def block(
    scene: Scene,
    first: date | datetime,
    last: date | datetime | None = None,
    *,
    kind: OwnTimeKind = OwnTimeKind.PRIVATE,
    keep: tuple[Booking, ...] = (),
    key: str | None = None,
    now: datetime | None = None,
    **kwargs: Any,
) -> OwnTime:
    blocked = block_time(
        actor=kwargs.get("actor", scene.provider),
        provider_id=scene.provider_id,
        values=OwnTimeValues(kind, first, first if last is None else last),
        keep=frozenset(booking.booking_id for booking in keep),
        idempotency=idempotency_of(
            scene.provider, [str(first), str(last)], lambda own: {"id": own.own_time_id}, key=key
        ),
        now=now or clock_now(),
    )
    return next(each for each in listed(scene) if each.own_time_id == blocked.answer["id"])


def listed(scene: Scene) -> list[OwnTime]:
    return list_own_times(actor=scene.provider, provider_id=scene.provider_id, now=clock_now())


def free_starts(scene: Scene, first: date, last: date | None = None) -> list[datetime]:
    return get_availability(
        provider_id=scene.provider_id,
        service_id=scene.service_id,
        first=first,
        last=last or first,
        now=clock_now(),
    ).starts


@pytest.mark.parametrize("zone", ["UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_a_whole_day_is_that_of_the_place(zone: str) -> None:
    scene = make_scene(time_zone=zone)
    day = next_day().date()
    own_time = block(scene, day, kind=OwnTimeKind.HOLIDAY)
    place = ZoneInfo(zone)
    assert own_time.starts_at == datetime.combine(day, time(), place)
    assert own_time.ends_at == datetime.combine(day + timedelta(days=1), time(), place)
    assert own_time.is_whole_days
    assert free_starts(scene, day) == []
    # An appointment of an hour ends by midnight; the next day is open from midnight on.
    before = free_starts(scene, day - timedelta(days=1))
    assert before[-1].astimezone(place).time() == time(23)
    assert free_starts(scene, day + timedelta(days=1))[0].astimezone(place).time() == time()
    for hour in (0, 9, 23):
        with pytest.raises(ConflictError) as refusal:
            scene.request(datetime.combine(day, time(hour), place).astimezone(UTC))
        assert refusal.value.code == "slot_taken"


def test_part_of_a_day_leaves_the_rest_to_be_booked() -> None:
    scene = make_scene()
    block(scene, next_day(14), next_day(16))
    starts = free_starts(scene, next_day().date())
    assert next_day(13) in starts
    assert next_day(16) in starts
    assert not [start for start in starts if next_day(13) < start < next_day(16)]
    with pytest.raises(ConflictError):
        scene.request(next_day(13, 15))
    scene.request(next_day(13))
    scene.request(next_day(16), customer=make_customer())
    assert_claims_match_bookings(scene)


def test_ninety_days_are_one_transaction_and_no_more_are_taken() -> None:
    scene = make_scene(time_zone="America/Chicago", horizon_days=365)
    first = next_day().date()
    block(scene, first, first + timedelta(days=MAX_OWN_DAYS - 1), kind=OwnTimeKind.HOLIDAY)
    assert free_starts(scene, first, first + timedelta(days=60)) == []
    assert free_starts(scene, first + timedelta(days=80), first + timedelta(days=90))[0].astimezone(
        ZoneInfo("America/Chicago")
    ).date() == first + timedelta(days=MAX_OWN_DAYS)
    with pytest.raises(UnprocessableError) as refusal:
        block(scene, first, first + timedelta(days=MAX_OWN_DAYS))
    assert refusal.value.errors[0].code == "too_long"


def test_what_is_booked_is_shown_before_anything_is_written() -> None:
    scene = make_scene()
    first, second = scene.book(next_day(9)), scene.book(next_day(11), customer=make_customer())
    with pytest.raises(TimeIsBookedError) as refusal:
        block(scene, next_day().date())
    assert refusal.value.bookings == (first.booking_id, second.booking_id)
    with pytest.raises(TimeIsBookedError) as refusal:
        block(scene, next_day().date(), keep=(first,))
    assert refusal.value.bookings == (first.booking_id, second.booking_id)
    assert listed(scene) == []
    assert next_day(15) in free_starts(scene, next_day().date())


def test_bookings_that_are_kept_stay_and_their_time_never_comes_free() -> None:
    scene = make_scene()
    kept = scene.book(next_day(9))
    block(scene, next_day().date(), keep=(kept,))
    assert scene.bring(kept, Status.CONFIRMED).status is Status.CONFIRMED
    change_status(
        actor=scene.customer,
        booking_id=kept.booking_id,
        status=Status.CANCELLED,
        expected_version=None,
        now=clock_now(),
    )
    assert free_starts(scene, next_day().date()) == []
    with pytest.raises(ConflictError):
        scene.request(next_day(9), customer=make_customer())
    assert_claims_match_bookings(scene)


def test_bookings_move_out_of_own_time_but_not_within_or_into_it() -> None:
    scene = make_scene()
    kept, other = scene.book(next_day(9)), scene.book(next_day(9, days=4), customer=make_customer())
    block(scene, next_day(8), next_day(12), keep=(kept,))

    def move(booking: Booking, customer: Any, starts_at: datetime) -> Booking:
        return reschedule_booking(
            actor=customer, booking_id=booking.booking_id, starts_at=starts_at, expected_version=None, now=clock_now()
        )[0]

    with pytest.raises(ConflictError) as refusal:
        move(kept, scene.customer, next_day(9, 30))
    assert refusal.value.code == "slot_taken"
    with pytest.raises(ConflictError):
        move(other, scene.admin, next_day(11, 30))
    assert move(other, scene.admin, next_day(12)).starts_at == next_day(12)
    assert move(kept, scene.customer, next_day(13)).starts_at == next_day(13)
    assert_claims_match_bookings(scene)


def test_a_proposal_is_refused_where_the_provider_has_blocked_meanwhile() -> None:
    scene = make_scene()
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    proposal = {"booking_id": booking.booking_id, "expected_version": None, "now": clock_now()}
    propose_move(actor=scene.provider, starts_at=next_day(15), **proposal)  # type: ignore[arg-type]
    block(scene, next_day(14), next_day(17))
    with pytest.raises(ConflictError) as refusal:
        accept_move(actor=scene.customer, **proposal)  # type: ignore[arg-type]
    assert refusal.value.code == "slot_taken"
    with pytest.raises(ConflictError):
        propose_move(actor=scene.provider, starts_at=next_day(16), **proposal)  # type: ignore[arg-type]


def test_own_time_can_be_changed_and_freed() -> None:
    scene = make_scene()
    own_time = block(scene, next_day(8), next_day(12))
    booking = scene.book(next_day(14))
    change = {"actor": scene.provider, "provider_id": scene.provider_id, "own_time_id": own_time.own_time_id}
    afternoon = OwnTimeValues(OwnTimeKind.HOLIDAY, next_day(13), next_day(18))
    with pytest.raises(TimeIsBookedError) as refusal:
        change_own_time(**change, values=afternoon, now=clock_now())  # type: ignore[arg-type]
    assert refusal.value.bookings == (booking.booking_id,)
    changed = change_own_time(**change, values=afternoon, keep={booking.booking_id}, now=clock_now())  # type: ignore[arg-type]
    assert (changed.version, changed.kind, changed.starts_at) == (2, OwnTimeKind.HOLIDAY, next_day(13))
    assert listed(scene) == [changed]
    assert next_day(9) in free_starts(scene, next_day().date())
    # What was kept once is not asked for again.
    longer = OwnTimeValues(OwnTimeKind.HOLIDAY, next_day(13), next_day(20))
    with pytest.raises(StaleVersionError):
        change_own_time(**change, values=longer, expected_version=1, now=clock_now())  # type: ignore[arg-type]
    change_own_time(**change, values=longer, expected_version=2, now=clock_now())  # type: ignore[arg-type]
    with pytest.raises(StaleVersionError):
        free_own_time(**change, expected_version=2, now=clock_now())  # type: ignore[arg-type]
    free_own_time(**change, now=clock_now())  # type: ignore[arg-type]
    assert listed(scene) == []
    assert next_day(18) in free_starts(scene, next_day().date())
    with pytest.raises(NotFoundError):
        free_own_time(**change, now=clock_now())  # type: ignore[arg-type]


def test_own_time_that_was_long_ago_is_not_there_to_be_changed() -> None:
    scene = make_scene()
    holiday = block(scene, next_day().date(), kind=OwnTimeKind.HOLIDAY)
    with pytest.raises(NotFoundError):
        free_own_time(
            actor=scene.provider,
            provider_id=scene.provider_id,
            own_time_id=holiday.own_time_id,
            now=holiday.ends_at + timedelta(days=41),
        )


def test_two_own_times_may_overlap_and_each_keeps_its_part() -> None:
    scene = make_scene()
    holiday = block(scene, next_day().date(), kind=OwnTimeKind.HOLIDAY)
    block(scene, next_day(10), next_day(12))
    free_own_time(actor=scene.provider, provider_id=scene.provider_id, own_time_id=holiday.own_time_id, now=clock_now())
    starts = free_starts(scene, next_day().date())
    assert next_day(9) in starts
    assert next_day(10) not in starts


def test_a_repeated_call_blocks_once() -> None:
    scene = make_scene()
    first = block(scene, next_day().date(), key="once")
    assert block(scene, next_day().date(), key="once") == first
    assert len(listed(scene)) == 1


def test_a_hold_that_has_lapsed_is_no_conflict_and_does_not_come_back() -> None:
    scene = make_scene()
    asked_at = clock_now()
    lapsed = scene.book(next_day(9), now=asked_at)
    later = asked_at + timedelta(hours=25)
    block(scene, next_day().date(), now=later)
    with pytest.raises(ConflictError):
        change_status(
            actor=scene.provider,
            booking_id=lapsed.booking_id,
            status=Status.CONFIRMED,
            expected_version=None,
            now=later,
        )
    with pytest.raises(ConflictError):
        scene.request(next_day(9), customer=make_customer(), now=later)


def test_own_time_begins_today_and_on_the_quarter_hour() -> None:
    scene = make_scene()
    today = clock_now().date()
    for first, last, code in (
        (today - timedelta(days=1), today, "past"),
        (today - timedelta(days=3), today - timedelta(days=2), "past"),
        (next_day(9, 10), next_day(12), "not_aligned"),
        (today + timedelta(days=800), None, "too_far"),
    ):
        with pytest.raises(UnprocessableError) as refusal:
            block(scene, first, last)
        assert refusal.value.errors[0].code == code
    block(scene, today)
    assert free_starts(scene, today) == []


def test_others_time_is_nobodys_business() -> None:
    scene = make_scene()
    with pytest.raises(NotFoundError):
        block(scene, next_day().date(), actor=make_provider())
    with pytest.raises(ForbiddenError):
        block(scene, next_day().date(), actor=scene.customer)
    assert block(scene, next_day().date(), actor=scene.admin) in listed(scene)


def test_search_and_next_free_times_know_of_it() -> None:
    scene = make_scene(city="Ownsville")
    day = next_day().date()

    def found(on: date) -> list[str]:
        search = ServiceSearch(city="Ownsville", country="US", free_on=on)
        return [
            service.service_id for service in search_services(search, limit=10, cursor=None, now=clock_now()).results
        ]

    assert found(day) == [scene.service_id]
    block(scene, clock_now().date(), day)
    assert found(day) == []
    assert found(day + timedelta(days=1)) == [scene.service_id]
    (next_free,) = list_next_free([scene.service_id], now=clock_now())
    assert next_free.starts_at == next_day(days=4)


def test_who_books_while_the_provider_blocks_is_seen_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the block's read and its write somebody books: the block is decided anew."""
    scene = make_scene()
    before = scene.book(next_day(9))
    from catalog.services import own_time

    write_days = own_time._day_writes
    late: list[Booking] = []

    def book_in_between(*args: Any) -> Any:
        writes = write_days(*args)
        if not late:
            late.append(scene.book(next_day(11), customer=make_customer()))
        return writes

    monkeypatch.setattr(own_time, "_day_writes", book_in_between)
    with pytest.raises(TimeIsBookedError) as refusal:
        block(scene, next_day().date(), keep=(before,))
    assert refusal.value.bookings == (before.booking_id, late[0].booking_id)
    assert listed(scene) == []


def test_a_booking_beside_own_time_takes_one_try_more() -> None:
    """The first learns what the provider keeps of the day; what it learned is in the second's condition."""
    scene = make_scene()
    own_time = block(scene, next_day(14), next_day(16))
    seen: list[Any] = []
    learn = slots.learn_own_time

    def watch(*args: Any) -> Any:
        seen.append(learn(*args))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slots, "learn_own_time", watch)
        scene.request(next_day(9))
    assert seen == [{next_day().date(): f"{own_time.own_time_id}:56-64"}]
