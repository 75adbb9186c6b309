"""What must hold between all rows of a market, whoever wrote them: checked over whole tables."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import UserItem
from bookings.domain import (
    CLAIMING_STATUSES,
    REVIEWABLE_STATUSES,
    TRANSITIONS,
    Action,
    Booking,
    Earned,
    Status,
    checked_details,
    earned_with,
    new_invoice,
    request_expiry,
)
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem, InvoiceNumbersItem
from bookings.records import BOOKINGS, INVOICES, booking_item, read_earnings
from catalog.domain import (
    Provider,
    RatingSummary,
    Service,
    category_slugs,
    cell_position,
    check_start,
    parts_by_day,
    parts_text,
)
from catalog.domain.rules import ServiceValues, checked_values
from catalog.models import (
    CLAIM_ATTRIBUTES,
    HOLD_ATTRIBUTES,
    OwnTimesItem,
    ProviderItem,
    ServiceItem,
    SlotClaimsItem,
)
from catalog.queries.own_time import OWN_TIMES_DAY
from catalog.records import PROVIDERS, SERVICES, read_own_times, service_attributes
from catalog.services.slots import purge_at
from kernel.actors import Actor
from kernel.clock import epoch
from kernel.ids import parent_provider_id, provider_id_for
from kernel.storage import Item, Row
from reviews.domain import checked_answer, checked_review
from reviews.models import ReviewItem
from reviews.records import REVIEWS

Tables = Mapping[type[Item], Sequence[Row]]


def assert_market_is_consistent(tables: Tables, now: datetime) -> None:
    """Everything that services guarantee, as one assertion after the other; `now` is when the last row was written."""
    providers = {row["provider_id"]: PROVIDERS.read(row) for row in tables[ProviderItem]}
    services = {row["service_id"]: SERVICES.read(row) for row in tables[ServiceItem]}
    bookings = {row["booking_id"]: BOOKINGS.read(row) for row in tables[BookingItem]}
    _assert_users(tables, providers, bookings)
    _assert_catalog(tables, providers, services)
    for row in tables[BookingItem]:
        booking = bookings[row["booking_id"]]
        assert booking_item(booking, handled_version=booking.version).serialize() == BookingItem(**row).serialize()
        _assert_terms(booking, providers[booking.provider_id], services[booking.service_id])
        _assert_history(booking, providers[booking.provider_id], now)
    _assert_details(tables, bookings)
    _assert_claims(tables, bookings, now)
    _assert_own_times(tables)
    _assert_invoices(tables, bookings, providers)
    _assert_reviews(tables, bookings, providers, now)


def _assert_users(tables: Tables, providers: Mapping[str, Provider], bookings: Mapping[str, Booking]) -> None:
    roles = {row["user_id"]: row["user_type"] for row in tables[UserItem]}
    assert {provider.owner_id for provider in providers.values()} == {
        user_id for user_id, role in roles.items() if role == "provider"
    }
    assert {roles[booking.customer_id] for booking in bookings.values() if booking.customer_id} == {"customer"}
    emails = Counter(row["email"] for row in tables[UserItem])
    assert [email for email, count in emails.items() if count > 1] == []


def _assert_catalog(tables: Tables, providers: Mapping[str, Provider], services: Mapping[str, Service]) -> None:
    offered: dict[str, list[Service]] = defaultdict(list)
    for service in services.values():
        offered[service.provider_id].append(service)
    for row in tables[ProviderItem]:
        provider = providers[row["provider_id"]]
        assert _without_none(PROVIDERS.attributes(provider)) == _without_key(row, "handled_version", "counted_city")
        assert row["handled_version"] == provider.version
        assert row.get("counted_city") == row.get("listed_city")
        assert provider.provider_id == provider_id_for(provider.owner_id)
        assert set(provider.service_ids) == {service.service_id for service in offered[provider.provider_id]}
        active = {service.category for service in offered[provider.provider_id] if service.active}
        assert set(provider.categories) == active <= set(category_slugs())
        texts = {name: row[name] for name in ("name", "description", "city", "country", "time_zone")}
        assert checked_values(texts) == texts
    for row in tables[ServiceItem]:
        service = services[row["service_id"]]
        provider = providers[service.provider_id]
        assert _without_none(service_attributes(service, provider)) == row
        assert parent_provider_id(service.service_id) == service.provider_id
        checked_values(ServiceValues(name=service.name, category=service.category, price=service.price))
        assert provider.created_at < service.created_at <= service.updated_at <= provider.updated_at


def _assert_terms(booking: Booking, provider: Provider, service: Service) -> None:
    assert parent_provider_id(booking.booking_id) == booking.provider_id == service.provider_id
    assert (booking.service_name, booking.provider_name) == (service.name, provider.name)
    assert (booking.price, booking.duration_minutes) == (service.price, service.duration_minutes)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=booking.duration_minutes)
    assert (booking.time_zone, booking.free_cancellation_hours) == (
        provider.time_zone,
        provider.free_cancellation_hours,
    )
    assert (booking.buffer_before_minutes, booking.buffer_after_minutes) == (
        provider.buffer_before_minutes,
        provider.buffer_after_minutes,
    )
    assert booking.created_at > service.created_at
    check_start(
        provider, duration_minutes=booking.duration_minutes, starts_at=booking.starts_at, now=booking.created_at
    )


def _assert_history(booking: Booking, provider: Provider, now: datetime) -> None:
    """The history is a path through the table of transitions, in time and by whoever may take each step."""
    first, *others = booking.history
    begun = (Action.BOOK, Status.CONFIRMED) if booking.is_for_caller else (Action.REQUEST, Status.PENDING)
    assert (first.action, first.to_status, first.from_status) == (*begun, None)
    assert (first.by, first.at) == (booking.customer_id or provider.owner_id, booking.created_at)
    parties = {"customer": booking.customer_id, "provider": provider.owner_id, "system": "system"}
    before = first
    for entry in others:
        transition = TRANSITIONS[entry.action]
        assert entry.from_status is before.to_status
        assert entry.from_status in transition.from_statuses
        assert entry.to_status is (transition.to_status or entry.from_status)
        assert entry.role in transition.roles
        assert entry.by == parties[entry.role]
        assert before.at <= entry.at <= now
        if entry.action is Action.CONFIRM:
            assert entry.at < request_expiry(booking.created_at, booking.starts_at)
        if entry.action in (Action.COMPLETE, Action.NO_SHOW):
            assert entry.at > booking.starts_at
        if entry.action is Action.EXPIRE:
            assert entry.at >= request_expiry(booking.created_at, booking.starts_at)
        before = entry
    assert [entry.version for entry in booking.history] == list(range(1, booking.version + 1))
    assert len({entry.id for entry in booking.history}) == booking.version
    assert (booking.status, booking.updated_at) == (before.to_status, before.at)
    assert (booking.expires_at is not None) == (booking.status is Status.PENDING)
    customer = Actor(booking.customer_id or "", first.role)
    assert booking.status_at(now) is booking.status, "a lapsed request that nobody let expire"
    owes = booking.status is Status.CANCELLED and before.by == customer.user_id
    is_late = before.at >= booking.free_cancellation_until and before.from_status is Status.CONFIRMED
    fee = booking.late_cancellation_fee if owes and is_late and booking.late_cancellation_fee.amount else None
    assert booking.cancellation_fee == fee


def _assert_details(tables: Tables, bookings: Mapping[str, Booking]) -> None:
    details = {row["booking_id"]: checked_details(row["address"], row["notes"]) for row in tables[BookingDetailsItem]}
    assert details.keys() == bookings.keys()
    for row in tables[BookingDetailsItem]:
        assert (row["address"], row["notes"]) == (details[row["booking_id"]].address, details[row["booking_id"]].notes)


def _assert_claims(tables: Tables, bookings: Mapping[str, Booking], now: datetime) -> None:
    """Claims and bookings that take time correspond one to one, on all days that are still kept."""
    expected: dict[tuple[str, date, int], tuple[str, int | None]] = {}
    for booking in bookings.values():
        if booking.status in CLAIMING_STATUSES:
            for cell in booking.cells:
                place = (booking.provider_id, *cell_position(cell))
                assert place not in expected, f"{booking.booking_id} overlaps {expected[place][0]}"
                expected[place] = (booking.booking_id, epoch(booking.expires_at) if booking.expires_at else None)
    claimed: dict[tuple[str, date, int], tuple[str, int | None]] = {}
    for row in _days(tables):
        day = date.fromisoformat(row["day"])
        assert row["purge_at"] == purge_at(day)
        for position, (claim, hold) in enumerate(zip(CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, strict=True)):
            if claim in row or hold in row:
                claimed[row["provider_id"], day, position] = (row[claim], row.get(hold))
    assert claimed == {place: claim for place, claim in expected.items() if purge_at(place[1]) > epoch(now)}


def _assert_own_times(tables: Tables) -> None:
    """The parts of own time beside the days' claims are those of the providers' lists."""
    parts: dict[tuple[str, str], dict[str, range]] = defaultdict(dict)
    for row in tables[OwnTimesItem]:
        for each in read_own_times(row):
            for day, part in parts_by_day(each.cells):
                parts[row["provider_id"], day.isoformat()][each.own_time_id] = part
    kept = {(row["provider_id"], row["day"]): row["own_time"] for row in _days(tables) if "own_time" in row}
    assert kept == {place: parts_text(found) for place, found in parts.items()}


def _days(tables: Tables) -> list[Row]:
    """The days of claims, beside which the lists of own time are."""
    return [row for row in tables[SlotClaimsItem] if row["day"] != OWN_TIMES_DAY]


def _assert_invoices(tables: Tables, bookings: Mapping[str, Booking], providers: Mapping[str, Provider]) -> None:
    """Each paid booking has one invoice; each provider's are numbered from 1 in the order of the payments."""
    numbers: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    earnings: dict[str, tuple[Earned, ...]] = defaultdict(tuple)
    for row in tables[InvoiceItem]:
        booking = bookings[row["invoice_id"]]
        invoice = new_invoice(
            booking, providers[booking.provider_id], number=row["number"], issued_at=booking.history[-1].at
        )
        assert INVOICES.item(invoice).serialize() == InvoiceItem(**row).serialize()
        numbers[booking.provider_id].append((row["issued_at"], row["number"]))
        earnings[booking.provider_id] = earned_with(earnings[booking.provider_id], invoice)
    paid = {booking.booking_id for booking in bookings.values() if booking.status is Status.PAID}
    assert {row["invoice_id"] for row in tables[InvoiceItem]} == paid
    for issued in numbers.values():
        assert [number for _, number in sorted(issued)] == list(range(1, len(issued) + 1))
    assert {row["provider_id"]: row["last_number"] for row in tables[InvoiceNumbersItem]} == {
        provider_id: len(issued) for provider_id, issued in numbers.items()
    }
    assert {row["provider_id"]: read_earnings(row) for row in tables[InvoiceNumbersItem]} == earnings


def _assert_reviews(
    tables: Tables, bookings: Mapping[str, Booking], providers: Mapping[str, Provider], now: datetime
) -> None:
    ratings: dict[str, RatingSummary] = defaultdict(RatingSummary)
    for row in tables[ReviewItem]:
        review, booking = REVIEWS.read(row), bookings[row["review_id"]]
        assert REVIEWS.item(review).serialize() == ReviewItem(**_without_key(row, "handled_version")).serialize()
        assert row["handled_version"] == review.version
        assert booking.status in REVIEWABLE_STATUSES
        assert (review.customer_id, review.service_id) == (booking.customer_id, booking.service_id)
        assert (review.provider_id, review.service_name) == (booking.provider_id, booking.service_name)
        completed_at = next(entry.at for entry in booking.history if entry.action is Action.COMPLETE)
        assert completed_at <= review.created_at <= now
        assert checked_review(review.rating, review.comment) == review.comment
        assert review.version == (1 if review.answer is None else 2)
        if review.answer is not None and review.answered_at is not None:
            assert checked_answer(review.answer) == review.answer
            assert review.created_at <= review.answered_at <= now
        else:
            assert (review.answer, review.answered_at) == (None, None)
        if review.counted:
            ratings[review.provider_id] = ratings[review.provider_id].with_rating(review.rating)
    assert {
        provider.provider_id: provider.rating for provider in providers.values() if provider.rating.count
    } == ratings


def _without_none(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _without_key(row: Row, *keys: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in keys}
