"""Providers with a service to book, and bookings in every status."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar
from uuid import uuid4

from bookings.domain import CLAIMING_STATUSES, Booking, Caller, Status
from bookings.models import BookingItem
from bookings.queries import get_booking
from bookings.records import BOOKINGS
from bookings.representation import represent_booking
from bookings.services import book_for_caller, change_status, request_booking
from catalog.domain import Offer, parse_hours
from catalog.domain.cells import first_cell
from catalog.models import CLAIM_ATTRIBUTES, ProviderItem, ServiceItem, SlotClaimsItem
from catalog.queries import get_offer
from catalog.queries.own_time import OWN_TIMES_DAY
from catalog.records import PROVIDERS, SERVICES
from catalog.representation import represent_own_service
from catalog.services import add_service, change_service, put_profile, replace_hours
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.idempotency import IdempotentRequest, Outcome
from kernel.money import Money
from tests.factories.accounts import make_admin, make_customer, make_provider

ADDRESS = "12 Elm Street, Springfield"
CALLER = Caller(name="Robin Reed", phone="+12175550123", email="robin@example.com", language="en")
ALWAYS_OPEN = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def next_day(hour: int = 0, minute: int = 0, *, days: int = 3) -> datetime:
    """An instant some days from now, in UTC: late enough that a day's free cancellation has not begun."""
    day = (clock_now() + timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


T = TypeVar("T")


@dataclass
class Scene:
    """A provider that is open day and night, its one service, a customer, and an admin."""

    provider: Actor
    service_id: str
    customer: Actor
    admin: Actor

    @property
    def provider_id(self) -> str:
        assert self.provider.provider_id is not None
        return self.provider.provider_id

    def offer(self) -> Offer:
        return get_offer(self.service_id, fresh=True)

    @cached_property
    def offer_version(self) -> str:
        """What a customer was shown when the scene was made, read around the process's memory of offers."""
        service, provider = storage.get_rows([(ServiceItem, self.service_id), (ProviderItem, self.provider_id)])
        if service is None or provider is None:
            return "none"
        return Offer(SERVICES.read(service), PROVIDERS.read(provider)).terms.version

    def request(
        self,
        starts_at: datetime | None = None,
        *,
        customer: Actor | None = None,
        key: str | None = None,
        now: datetime | None = None,
        address: str = ADDRESS,
        notes: str = "",
        answers: Mapping[str, str] | None = None,
        offer_version: str | None = None,
    ) -> Outcome[Booking]:
        """Request an appointment, by default at midnight in three days, under a key of its own."""
        customer, now = customer or self.customer, now or clock_now()
        starts_at = starts_at or next_day()
        body = {"service_id": self.service_id, "starts_at": str(starts_at), "address": address, "notes": notes}
        return request_booking(
            actor=customer,
            service_id=self.service_id,
            offer_version=offer_version or self.offer_version,
            starts_at=starts_at,
            address=address,
            notes=notes,
            answers=answers,
            idempotency=idempotency_of(
                customer, body, lambda booking: represent_booking(booking, None, customer, now), key=key
            ),
            now=now,
        )

    def confirm_at_once(self) -> None:
        """Let the service be confirmed with its booking, as customers are shown from now on."""
        change_service(actor=self.provider, service_id=self.service_id, changes={"instant": True}, now=clock_now())
        self.__dict__["offer_version"] = self.offer().terms.version

    def book(self, starts_at: datetime | None = None, **kwargs: Any) -> Booking:
        """The booking that `request` made, as it is stored."""
        return self.stored(self.request(starts_at, **kwargs).answer["id"])

    def book_for_caller(
        self,
        starts_at: datetime | None = None,
        *,
        caller: Caller = CALLER,
        address: str = ADDRESS,
        now: datetime | None = None,
        key: str | None = None,
    ) -> Booking:
        """A booking that the provider made for somebody without an account, as it is stored."""
        starts_at = starts_at or next_day()
        booked = book_for_caller(
            actor=self.provider,
            service_id=self.service_id,
            offer_version=self.offer_version,
            starts_at=starts_at,
            caller=caller,
            address=address,
            notes="",
            idempotency=idempotency_of(
                self.provider, str(starts_at), lambda booking: {"id": booking.booking_id}, key=key
            ),
            now=now or clock_now(),
        )
        return self.stored(booked.answer["id"])

    def stored(self, booking_id: str) -> Booking:
        return get_booking(actor=self.admin, booking_id=booking_id)[0]

    def bring(self, booking: Booking, *path: Status, now: datetime | None = None) -> Booking:
        """The booking after the provider has taken it through the statuses, what takes place when it does."""
        for status in path:
            at = now or clock_now()
            if status in (Status.COMPLETED, Status.NO_SHOW, Status.PAID) and now is None:
                at = max(at, booking.starts_at)
            booking, _ = change_status(
                actor=self.provider,
                booking_id=booking.booking_id,
                status=status,
                expected_version=None,
                now=at,
            )
        return booking

    def all_bookings(self) -> list[Booking]:
        """Every booking of the provider as stored, read through the index and then by key."""
        rows = storage.query_rows(BookingItem, self.provider_id, index="providerBookings-index", limit=1000).rows
        found = [row for row in (storage.get_row(BookingItem, row["booking_id"]) for row in rows) if row]
        return [BOOKINGS.read(row) for row in found]

    def claims(self) -> dict[int, str]:
        """Who has which cell of the provider's calendar, lapsed holds included."""
        claims: dict[int, str] = {}
        days = SlotClaimsItem.day < OWN_TIMES_DAY
        page = storage.query_rows(SlotClaimsItem, self.provider_id, range_condition=days, limit=1000, consistent=True)
        for row in page.rows:
            first = first_cell(datetime.fromisoformat(row["day"]).date())
            claims |= {first + position: row[name] for position, name in enumerate(CLAIM_ATTRIBUTES) if name in row}
        return claims


def idempotency_of(
    actor: Actor, body: Any, represent: Callable[[T], dict[str, Any]], *, key: str | None = None
) -> IdempotentRequest[T]:
    """A creating call of the actor, under a key of its own unless one is given."""
    return IdempotentRequest.of(
        user_id=actor.user_id, key=key or uuid4().hex, method="POST", path="/test", body=body, represent=represent
    )


def make_scene(
    *,
    duration_minutes: int = 60,
    price: int = 10_000,
    provider: Actor | None = None,
    customer: Actor | None = None,
    **profile: Any,
) -> Scene:
    """A new provider with a service; keyword arguments replace values of its profile."""
    provider, now = provider or make_provider(), clock_now()
    assert provider.provider_id is not None
    values: Any = {
        "name": "Elm Plumbing",
        "city": "Springfield",
        "country": "US",
        "latitude": 39.8,
        "longitude": -89.6,
        "time_zone": "UTC",
        "minimum_notice_minutes": 0,
        **profile,
    }
    put_profile(actor=provider, provider_id=provider.provider_id, profile=values, now=now)
    replace_hours(actor=provider, provider_id=provider.provider_id, hours=parse_hours(ALWAYS_OPEN, {}), now=now)
    service = add_service(
        actor=provider,
        provider_id=provider.provider_id,
        values={
            "name": "Leak repair",
            "category": "plumbing",
            "price": Money(price, "USD"),
            "duration_minutes": duration_minutes,
        },
        idempotency=idempotency_of(provider, {}, represent_own_service),
        now=now,
    )
    scene = Scene(provider, service.answer["id"], customer or make_customer(), make_admin())
    assert scene.offer_version
    return scene


def assert_claims_match_bookings(scene: Scene, now: datetime | None = None) -> None:
    """Claims and live bookings are a bijection: each live booking has all its cells, and no cell is anyone else's.

    A request that has lapsed may still have its cells, or some of them, until they are taken or its expiry recorded.
    """
    now = now or clock_now()
    claims = scene.claims()
    expected: dict[int, str] = {}
    lapsed: dict[str, set[int]] = {}
    for booking in scene.all_bookings():
        if booking.status is Status.PENDING and booking.status_at(now) is Status.EXPIRED:
            lapsed[booking.booking_id] = set(booking.cells)
        elif booking.status in CLAIMING_STATUSES:
            for cell in booking.cells:
                assert cell not in expected, f"{booking.booking_id} and {expected[cell]} both have cell {cell}"
                expected[cell] = booking.booking_id
    leftovers = {cell: holder for cell, holder in claims.items() if expected.get(cell) != holder}
    assert all(cell in lapsed.get(holder, ()) for cell, holder in leftovers.items()), leftovers
    assert expected.items() <= claims.items(), expected.items() - claims.items()
