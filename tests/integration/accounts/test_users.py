"""The person as Django knows one: authentication, permissions, and nothing stored behind anybody's back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.test import RequestFactory

from accounts.backends import CognitoBackend
from accounts.models import User
from accounts.queries import find_user_id
from accounts.services import change_role, disable_person, enable_person, ensure_account
from accounts.sweeps import iterate_departed
from bookings.domain import OPEN_STATUSES, Booking, Status
from bookings.services import reschedule_booking
from bookings.services.storing import store_change
from catalog.services import change_profile
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.errors import ConflictError, ForbiddenError
from marketplace.background.jobs import JOBS
from tests.factories.accounts import make_account, make_admin, make_customer
from tests.factories.bookings import Scene, make_scene, next_day

# When the hour is over in which somebody was sent away, and no token of theirs is believed any longer.
LATER = timedelta(hours=2, minutes=20)

PASSWORD = "Copper-Kettle-41"


def make_person(role: Role = Role.CUSTOMER) -> str:
    email = f"{uuid4()}@example.com"
    ensure_account(email=email, password=PASSWORD, name="Ada Park", role=role, now=now())
    return email


def user_of(email: str) -> User | None:
    return CognitoBackend().get_user(str(find_user_id(email)))


def test_djangos_own_way_of_signing_in() -> None:
    email = make_person()
    request = RequestFactory().post("/")

    user = authenticate(request, username=email.upper(), password=PASSWORD)

    assert isinstance(user, User)
    assert (user.email, user.role, user.is_authenticated) == (email, "customer", True)
    assert authenticate(request, username=email, password="Wrong-Password-1") is None
    assert authenticate(request, username=f"{uuid4()}@example.com", password=PASSWORD) is None
    assert authenticate(request, username=email) is None


def test_a_person_by_id() -> None:
    email = make_person()
    user = user_of(email)
    assert user is not None
    assert (user.email, user.get_full_name(), user.get_short_name(), str(user)) == (
        email,
        "Ada Park",
        "Ada",
        "Ada Park",
    )
    assert CognitoBackend().get_user("nobody") is None
    disable_person(actor=make_admin(), user_id=user.user_id, now=now())
    assert user_of(email) is None


@pytest.mark.parametrize(("role", "may"), [(Role.CUSTOMER, False), (Role.PROVIDER, False), (Role.ADMIN, True)])
def test_only_admins_are_staff(role: Role, *, may: bool) -> None:
    user = user_of(make_person(role))
    assert user is not None
    answers = {
        user.is_staff,
        user.is_superuser,
        user.has_perm("bookings.change_booking"),
        user.has_perms(["bookings.change_booking"]),
        user.has_module_perms("bookings"),
    }
    assert answers == {may}


def test_there_is_no_password_here_and_no_last_sign_in() -> None:
    assert get_user_model() is User
    names = {field.name for field in User._meta.get_fields()}
    assert names.isdisjoint({"password", "last_login"})
    assert update_last_login not in [receiver() for _, receiver, *_ in user_logged_in.receivers]
    user = user_of(make_person())
    assert user is not None
    assert not user.has_usable_password()


def test_only_another_admin_closes_an_account() -> None:
    admin, user_id = make_admin(), str(find_user_id(make_person()))
    with pytest.raises(ForbiddenError):
        disable_person(actor=make_customer(), user_id=user_id, now=now())
    with pytest.raises(ForbiddenError):
        disable_person(actor=admin, user_id=admin.user_id, now=now())


def close(owner: Actor) -> None:
    disable_person(actor=make_admin(), user_id=owner.user_id, now=now())


def make_customer_of(owner: Actor) -> None:
    change_role(actor=make_admin(), user_id=owner.user_id, role=Role.CUSTOMER, now=now())


@pytest.mark.parametrize("end", [close, make_customer_of])
def test_nobody_books_a_provider_whom_nobody_looks_after(end: Callable[[Actor], None]) -> None:
    owner = make_account(Role.PROVIDER)
    scene = make_scene(provider=owner)
    agreed, asked = scene.bring(scene.book(next_day(9)), Status.CONFIRMED), scene.book(next_day(10))
    for _ in range(2):
        end(owner)
    enable_person(actor=make_admin(), user_id=owner.user_id)

    with pytest.raises(ConflictError, match="cannot be booked"):
        scene.request(next_day(12))
    cancelled = scene.stored(agreed.booking_id)
    assert (cancelled.status, cancelled.cancellation_fee) == (Status.CANCELLED, None)
    # Its owner is not told that they did it.
    assert cancelled.history[-1].role is Role.SYSTEM
    assert scene.stored(asked.booking_id).status is Status.DECLINED


@pytest.mark.parametrize("end", [close, make_customer_of])
def test_a_token_that_is_still_believed_brings_no_provider_back(end: Callable[[Actor], None]) -> None:
    owner = make_account(Role.PROVIDER)
    scene = make_scene(provider=owner)
    ended_at = now()
    end(owner)
    booking = come_back(scene)

    JOBS["sweep-erasures"].function(ended_at + LATER)

    assert not scene.offer().provider.accepting_bookings
    assert scene.stored(booking.booking_id).status is Status.DECLINED
    assert owner.user_id not in dict(iterate_departed(ended_at + LATER))


def test_who_was_let_in_again_takes_bookings_as_they_like() -> None:
    owner = make_account(Role.PROVIDER)
    scene = make_scene(provider=owner)
    ended_at = now()
    close(owner)
    enable_person(actor=make_admin(), user_id=owner.user_id)
    booking = come_back(scene)

    JOBS["sweep-erasures"].function(ended_at + LATER)

    assert scene.stored(booking.booking_id).status is Status.PENDING


def come_back(scene: Scene) -> Booking:
    """Something that is booked once the provider's owner has said that it takes bookings."""
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"accepting_bookings": True}, now=now())
    return scene.book(next_day(15), offer_version=scene.offer().terms.version)


def test_what_is_confirmed_or_moved_in_the_moment_of_closing_is_cancelled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_account(Role.PROVIDER)
    scene = make_scene(provider=owner)
    asked, agreed = scene.book(next_day(9)), scene.bring(scene.book(next_day(11)), Status.CONFIRMED)
    between: dict[str, Callable[[], object]] = {
        asked.booking_id: lambda: scene.bring(asked, Status.CONFIRMED),
        agreed.booking_id: lambda: reschedule_booking(
            actor=scene.customer,
            booking_id=agreed.booking_id,
            starts_at=next_day(13),
            expected_version=None,
            now=now(),
        ),
    }

    def be_late(before: Booking, *args: Any, **kwargs: Any) -> None:
        if before.status in OPEN_STATUSES and before.booking_id in between:
            between.pop(before.booking_id)()
        store_change(before, *args, **kwargs)

    monkeypatch.setattr("bookings.services.transitions.store_change", be_late)
    close(owner)

    assert not between
    for booking in (asked, agreed):
        assert scene.stored(booking.booking_id).status is Status.CANCELLED


def test_what_a_closed_account_booked_stays() -> None:
    customer = make_account(Role.CUSTOMER)
    scene = make_scene()
    booking = scene.bring(scene.book(next_day(9), customer=customer), Status.CONFIRMED)
    close(customer)
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED


def test_who_offers_nothing_is_closed_too_and_who_stays_a_provider_is_booked() -> None:
    close(make_account(Role.PROVIDER))
    close(make_account(Role.CUSTOMER))
    owner = make_account(Role.PROVIDER)
    scene = make_scene(provider=owner)
    change_role(actor=make_admin(), user_id=owner.user_id, role=Role.PROVIDER, now=now())
    assert scene.book(next_day(9)).status is Status.PENDING
