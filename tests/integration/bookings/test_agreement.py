"""What people agree to: the offer as it was shown, the fee as it was shown, another time, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.domain import Action, Booking, PaymentMethod, Status
from bookings.queries import FoundBooking, get_booking, get_times_to_move_to
from bookings.services import (
    Assent,
    OfferChangedError,
    accept_move,
    change_status,
    close_booking,
    propose_move,
    refuse_move,
    reschedule_booking,
)
from bookings.stream import events_after
from catalog.queries import forget_offers, get_availability
from catalog.services import change_profile, change_service
from kernel.actors import Actor, Role
from kernel.clock import now as clock_now
from kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.money import Money
from kernel.sentences import sentence
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import Scene, assert_claims_match_bookings, make_scene, next_day


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def change_terms(scene: Scene, **values: Any) -> None:
    changes: Any = values
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=changes, now=clock_now())


def change_offer(scene: Scene, **values: Any) -> None:
    changes: Any = values
    change_service(actor=scene.provider, service_id=scene.service_id, changes=changes, now=clock_now())


def become(booking: Booking, actor: Actor, status: Status, **values: Any) -> FoundBooking:
    values = {"expected_version": None, "now": clock_now(), **values}
    return change_status(actor=actor, booking_id=booking.booking_id, status=status, **values)


def move(booking: Booking, actor: Actor, starts_at: datetime, **values: Any) -> Booking:
    values = {"expected_version": None, "now": clock_now(), **values}
    return reschedule_booking(actor=actor, booking_id=booking.booking_id, starts_at=starts_at, **values)[0]


def propose(booking: Booking, actor: Actor, starts_at: datetime, *, now: datetime | None = None) -> Booking:
    return propose_move(
        actor=actor,
        booking_id=booking.booking_id,
        starts_at=starts_at,
        expected_version=None,
        now=now or clock_now(),
    )[0]


def answer(use_case: Any, booking: Booking, actor: Actor, *, now: datetime | None = None) -> Booking:
    changed: Booking = use_case(
        actor=actor, booking_id=booking.booking_id, expected_version=None, now=now or clock_now()
    )[0]
    return changed


# --- The offer as it was shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda scene: change_offer(scene, price=Money(51_800, "USD")),
        lambda scene: change_offer(scene, price=Money(10_000, "EUR")),
        lambda scene: change_offer(scene, duration_minutes=45),
        lambda scene: change_terms(scene, free_cancellation_hours=720),
        lambda scene: change_terms(scene, late_cancellation_percent=100),
        lambda scene: change_terms(scene, cancellation_grace_minutes=0),
        lambda scene: change_offer(scene, instant=True),
    ],
    ids=["price", "currency", "length", "free time", "late fee", "grace", "confirmed at once"],
)
def test_nobody_books_what_they_were_not_shown(scene: Scene, change: Any) -> None:
    change(scene)
    with pytest.raises(OfferChangedError) as refusal:
        scene.request()
    assert refusal.value.code == "offer_changed"
    assert refusal.value.terms == scene.offer().terms
    assert scene.all_bookings() == []
    booked = scene.stored(scene.request(offer_version=refusal.value.terms.version).answer["id"])
    assert booked.terms == refusal.value.terms


def test_what_is_not_agreed_on_does_not_change_the_offers_version(scene: Scene) -> None:
    change_offer(scene, name="Leak repair, fast", description="In no time.", category="heating")
    change_terms(scene, name="Elm & Sons", minimum_notice_minutes=15, horizon_days=30, buffer_after_minutes=30)
    change_terms(scene, accepting_bookings=False, tax_rate_basis_points=1900)
    change_terms(scene, accepting_bookings=True)
    assert scene.offer().terms.version == scene.offer_version
    scene.request()


def test_an_offer_that_is_put_back_is_the_one_that_was_shown(scene: Scene) -> None:
    change_offer(scene, price=Money(1, "USD"))
    change_offer(scene, price=Money(10_000, "USD"))
    forget_offers()
    scene.request()


def test_the_same_key_gets_the_first_answer_also_after_the_offer_has_changed(scene: Scene) -> None:
    first = scene.request(key="k")
    change_offer(scene, price=Money(51_800, "USD"))
    forget_offers()
    again = scene.request(key="k")
    assert (again.replayed, again.answer["id"]) == (True, first.answer["id"])


def test_the_same_key_gets_the_first_answer_also_when_the_provider_is_gone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scene.request(key="k")

    def gone(service_id: str, **_: Any) -> None:
        raise NotFoundError(sentence("There is no such service."))

    monkeypatch.setattr("bookings.services.requests.get_offer", gone)
    assert scene.request(key="k").answer["id"] == first.answer["id"]
    with pytest.raises(NotFoundError):
        scene.request(key="another")


# --- What cancelling, confirming and moving bind to ------------------------------------------------------------------


@pytest.fixture
def late(scene: Scene) -> Booking:
    """A confirmed appointment whose grace is over and whose free time has ended."""
    moment = clock_now()
    booking = scene.book(next_day(9, days=1), now=moment - timedelta(hours=5))
    return scene.bring(booking, Status.CONFIRMED, now=moment - timedelta(hours=4))


LATE_FEE = Money(5_000, "USD")


def test_a_fee_that_was_not_shown_is_not_owed(scene: Scene, late: Booking) -> None:
    moment = late.free_cancellation_until
    shown = Assent(late.terms.version, late.fee_for(Role.CUSTOMER, moment - timedelta(seconds=1)))
    assert shown.fee == Money(0, "USD")
    with pytest.raises(OfferChangedError) as refusal:
        become(late, scene.customer, Status.CANCELLED, assent=shown, now=moment)
    assert refusal.value.fee_now == LATE_FEE
    assert scene.stored(late.booking_id) == late
    cancelled, _ = become(late, scene.customer, Status.CANCELLED, assent=Assent(fee=LATE_FEE), now=moment)
    assert cancelled.cancellation_fee == LATE_FEE


def test_terms_that_a_booking_does_not_have_are_refused_by_every_change_that_binds(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    other = Assent(offer_version="other")
    attempts: list[Callable[[], object]] = [
        lambda: become(booking, scene.provider, Status.CONFIRMED, assent=other),
        lambda: become(booking, scene.customer, Status.CANCELLED, assent=other),
        lambda: move(booking, scene.customer, next_day(12), assent=other),
    ]
    for attempt in attempts:
        with pytest.raises(OfferChangedError):
            attempt()
    assert scene.stored(booking.booking_id) == booking
    own = Assent(booking.terms.version)
    change_offer(scene, price=Money(1, "USD"))
    assert move(booking, scene.customer, next_day(12), assent=own).price == booking.price
    assert become(booking, scene.provider, Status.CONFIRMED, assent=own)[0].status is Status.CONFIRMED


def test_asking_again_is_answered_whatever_was_shown(scene: Scene, late: Booking) -> None:
    cancelled, _ = become(late, scene.customer, Status.CANCELLED)
    assert become(late, scene.customer, Status.CANCELLED, assent=Assent(fee=Money(1, "USD")))[0] == cancelled


# --- Completing ------------------------------------------------------------------------------------------------------


def test_a_job_is_completed_from_a_quarter_of_an_hour_before_its_start(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    soonest = booking.starts_at - timedelta(minutes=15)
    with pytest.raises(ConflictError) as refusal:
        become(booking, scene.provider, Status.COMPLETED, now=soonest - timedelta(seconds=1))
    assert refusal.value.code == "too_early"
    assert become(booking, scene.provider, Status.COMPLETED, now=soonest)[0].status is Status.COMPLETED


def test_an_admin_completes_earlier_and_says_why(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    for reason in ("", "  \n "):
        with pytest.raises(InvalidInputError) as refusal:
            become(booking, scene.admin, Status.COMPLETED, reason=reason)
        assert [error.field for error in refusal.value.errors] == ["reason"]
    become(booking, scene.admin, Status.COMPLETED, reason="Done on Monday, by agreement. ")
    _, details = get_booking(actor=scene.admin, booking_id=booking.booking_id)
    assert details is not None
    assert details.reason == "Done on Monday, by agreement."


def test_the_reason_of_a_refusal_is_kept_where_the_details_are(scene: Scene) -> None:
    booking = scene.book()
    declined, details = become(booking, scene.provider, Status.DECLINED, reason="We are on holiday.")
    assert details is not None
    assert details.reason == "We are on holiday."
    assert get_booking(actor=scene.customer, booking_id=booking.booking_id) == (declined, details)
    other = scene.book(next_day(9))
    for status, reason in ((Status.CONFIRMED, "Gladly."), (Status.DECLINED, "x" * 501), (Status.DECLINED, "\x00")):
        with pytest.raises(InvalidInputError):
            become(other, scene.provider, status, reason=reason)


def test_how_it_was_paid_is_noted_with_the_payment(scene: Scene) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED)
    moment = booking.updated_at
    with pytest.raises(InvalidInputError):
        become(scene.book(next_day(9)), scene.provider, Status.CONFIRMED, payment_method=PaymentMethod.CASH)
    paid, _ = become(booking, scene.provider, Status.PAID, payment_method=PaymentMethod.CASH, now=moment)
    assert scene.stored(booking.booking_id) == paid
    assert paid.payment_method is PaymentMethod.CASH


# --- Booking at once -------------------------------------------------------------------------------------------------


def test_an_instant_service_is_confirmed_with_its_booking(scene: Scene, dynamodb_calls: list[str]) -> None:
    scene.confirm_at_once()
    forget_offers()
    dynamodb_calls.clear()
    created = scene.request(next_day(9)).answer
    assert dynamodb_calls == ["BatchGetItem", "TransactWriteItems"]
    booking = scene.stored(created["id"])
    assert (booking.status, booking.version, booking.expires_at) == (Status.CONFIRMED, 1, None)
    assert [event.type for event in events_after(booking, 0)] == ["booking.confirmed"]
    assert booking.confirmed_at == booking.created_at
    assert_claims_match_bookings(scene)
    with pytest.raises(ForbiddenError):
        become(booking, scene.customer, Status.CONFIRMED)


def test_who_books_an_instant_service_late_has_the_grace(scene: Scene) -> None:
    scene.confirm_at_once()
    booking = scene.book(next_day(9, days=1))
    grace_ends_at = booking.created_at + timedelta(hours=1)
    assert booking.fee_for(Role.CUSTOMER, grace_ends_at - timedelta(seconds=1)).amount == 0
    fee = Money(5_000, "USD") if grace_ends_at >= booking.starts_at - timedelta(hours=24) else Money(0, "USD")
    assert booking.fee_for(Role.CUSTOMER, grace_ends_at) == fee


# --- Another time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [(), (Status.CONFIRMED,)], ids=["request", "appointment"])
def test_a_proposal_takes_its_time_only_when_it_is_accepted(scene: Scene, path: tuple[Status, ...]) -> None:
    booking = scene.bring(scene.book(next_day(9)), *path)
    proposed = propose(booking, scene.provider, next_day(12))
    assert scene.stored(booking.booking_id) == proposed
    assert set(scene.claims()) == set(booking.cells)
    # Meanwhile somebody else may have it, and then it cannot be accepted.
    rival = scene.book(next_day(12), customer=make_customer())
    with pytest.raises(ConflictError) as refusal:
        answer(accept_move, booking, scene.customer)
    assert refusal.value.code == "slot_taken"
    scene.bring(rival, Status.DECLINED)
    moved = answer(accept_move, booking, scene.customer)
    assert scene.stored(booking.booking_id) == moved
    assert (moved.status, moved.starts_at) == (Status.CONFIRMED, next_day(12))
    assert_claims_match_bookings(scene)
    assert [event.type for event in events_after(moved, booking.version)] == [
        "booking.move_proposed",
        "booking.move_accepted",
    ]


def test_a_proposal_lapses_after_a_day(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    moment = clock_now()
    propose(booking, scene.customer, next_day(12), now=moment)
    for use_case in (accept_move, refuse_move):
        with pytest.raises(ConflictError) as refusal:
            answer(use_case, booking, scene.provider, now=moment + timedelta(hours=24))
        assert refusal.value.code == "no_proposal"
    assert answer(refuse_move, booking, scene.provider, now=moment + timedelta(hours=23)).proposal is None


@pytest.mark.parametrize("by_provider", [True, False])
def test_who_was_asked_in_time_may_accept_when_it_is_near(by_provider: bool) -> None:
    scene = make_scene(minimum_notice_minutes=120)
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    proposer, other = (scene.provider, scene.customer) if by_provider else (scene.customer, scene.provider)
    propose(booking, proposer, next_day(6), now=next_day(6) - timedelta(hours=2))
    moment = next_day(6) - timedelta(minutes=1)
    assert Action.ACCEPT in scene.stored(booking.booking_id).allowed_actions(other, moment)
    assert answer(accept_move, booking, other, now=moment).starts_at == next_day(6)
    assert_claims_match_bookings(scene)


def test_who_proposes_accepts_or_refuses_again_changes_nothing(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    answered = booking
    for starts_at, use_case in ((next_day(12), refuse_move), (next_day(13), accept_move)):
        proposed = propose(booking, scene.provider, starts_at)
        assert propose(booking, scene.provider, starts_at, now=clock_now() + timedelta(hours=1)) == proposed
        answered = answer(use_case, booking, scene.customer)
        assert answer(use_case, booking, scene.customer) == answered
        with pytest.raises(ConflictError):
            answer(use_case, booking, scene.provider)
    # What the last answer has settled can be proposed anew.
    assert propose(booking, scene.provider, next_day(12)).version == answered.version + 1


def test_the_last_proposal_that_a_booking_takes_may_be_sent_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookings.domain.lifecycle.MAX_CHANGES", 3)
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    proposed = propose(booking, scene.provider, next_day(12))
    assert propose(booking, scene.provider, next_day(12)) == proposed
    with pytest.raises(ConflictError):
        propose(booking, scene.provider, next_day(13))


def test_who_may_propose_and_answer(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    for stranger in (make_customer(), make_provider()):
        with pytest.raises(NotFoundError):
            propose(booking, stranger, next_day(12))
    with pytest.raises(ForbiddenError):
        propose(booking, scene.admin, next_day(12))
    propose(booking, scene.customer, next_day(12))
    for person, error in ((scene.customer, ConflictError), (scene.admin, ForbiddenError)):
        with pytest.raises(error):
            answer(accept_move, booking, person)


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [(next_day(9), "same_start"), (next_day(9, 7), "unprocessable"), (next_day(9, days=400), "unprocessable")],
)
def test_what_cannot_be_had_is_not_proposed(scene: Scene, starts_at: datetime, code: str) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    scene.book(next_day(15), customer=make_customer())
    for impossible, expected in ((starts_at, code), (next_day(15), "slot_taken")):
        with pytest.raises(DomainError) as refusal:
            propose(booking, scene.provider, impossible)
        assert refusal.value.code == expected


def test_a_customer_proposes_what_they_may_not_move_a_third_time(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    for hour in (10, 11):
        booking = move(booking, scene.customer, next_day(hour))
    # The answer to the last move was lost: sent again, it is no third one.
    assert move(booking, scene.customer, next_day(11)) == booking
    with pytest.raises(ConflictError) as refusal:
        move(booking, scene.customer, next_day(12))
    assert refusal.value.code == "too_many_reschedules"
    propose(booking, scene.customer, next_day(12))
    assert answer(accept_move, booking, scene.provider).starts_at == next_day(12)
    assert move(booking, scene.admin, next_day(13)).starts_at == next_day(13)


# --- What is listed is accepted, and the reverse ---------------------------------------------------------------------


@pytest.mark.parametrize("pause", ["nothing", "the provider", "the service"])
def test_what_is_listed_to_move_to_is_accepted_and_the_reverse(pause: str) -> None:
    scene = make_scene(buffer_after_minutes=30)
    booking = scene.bring(scene.book(next_day(11, 15)), Status.CONFIRMED)
    scene.book(next_day(14), customer=make_customer())
    # What the booking was made with stays its own.
    change_terms(scene, buffer_after_minutes=0)
    change_offer(scene, duration_minutes=240)
    if pause == "the provider":
        change_terms(scene, accepting_bookings=False)
    if pause == "the service":
        change_offer(scene, active=False)

    first, last = next_day(9), next_day(16)
    availability = get_times_to_move_to(
        actor=scene.customer,
        booking_id=booking.booking_id,
        provider_id=scene.provider_id,
        first=first,
        last=last,
        now=clock_now(),
    )
    assert availability.terms == booking.terms
    quarters = [first + timedelta(minutes=15 * number) for number in range(28)]
    accepted = [start for start in quarters if _is_accepted(scene, booking, start)]
    assert availability.starts == accepted
    assert {next_day(10, 30), next_day(11), next_day(11, 15), next_day(12)} <= set(accepted)
    assert_claims_match_bookings(scene)


def _is_accepted(scene: Scene, booking: Booking, start: datetime) -> bool:
    # An admin's moves are not counted; each starts from where the booking was.
    try:
        move(booking, scene.admin, start)
    except DomainError:
        return False
    move(booking, scene.admin, booking.starts_at)
    return True


def test_what_is_listed_to_propose_is_accepted_and_the_reverse(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9, 30)), Status.CONFIRMED)
    first, last = next_day(9), next_day(10)
    span: Any = {"provider_id": scene.provider_id, "first": first, "last": last, "now": clock_now()}
    listed = get_times_to_move_to(actor=scene.provider, booking_id=booking.booking_id, **span).starts
    for start in (first + timedelta(minutes=15 * number) for number in range(4)):
        if start in listed:
            assert propose(booking, scene.provider, start).proposal is not None
        else:
            with pytest.raises(ConflictError):
                propose(booking, scene.provider, start)
    assert listed == [next_day(9), next_day(9, 15), next_day(9, 45)]


def test_nothing_is_listed_for_what_cannot_be_moved(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED, Status.CANCELLED)
    query: Any = {"provider_id": scene.provider_id, "first": None, "last": None, "now": clock_now()}
    assert get_times_to_move_to(actor=scene.customer, booking_id=booking.booking_id, **query).starts == []
    with pytest.raises(NotFoundError):
        get_times_to_move_to(actor=make_customer(), booking_id=booking.booking_id, **query)
    query |= {"provider_id": make_scene().provider_id}
    with pytest.raises(NotFoundError):
        get_times_to_move_to(actor=scene.customer, booking_id=booking.booking_id, **query)


def test_a_paused_provider_is_booked_by_nobody(scene: Scene) -> None:
    change_terms(scene, accepting_bookings=False)
    availability = get_availability(
        provider_id=scene.provider_id, service_id=scene.service_id, first=None, last=None, now=clock_now()
    )
    assert availability.starts == []
    with pytest.raises(ConflictError) as refusal:
        scene.request()
    assert refusal.value.code == "not_bookable"


# --- Nobody said what became of it -----------------------------------------------------------------------------------


def test_an_appointment_that_nobody_closed_is_no_job(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    with pytest.raises(ConflictError):
        close_booking(booking_id=booking.booking_id, now=booking.ends_at + timedelta(days=7, seconds=-1))
    closed, _ = close_booking(booking_id=booking.booking_id, now=booking.ends_at + timedelta(days=7))
    assert (closed.status, closed.cancellation_fee) == (Status.UNCONFIRMED, None)
    for person in (scene.customer, scene.provider, scene.admin):
        assert closed.allowed_actions(person, closed.updated_at) == []
    assert closed.history[-1].action is Action.CLOSE
