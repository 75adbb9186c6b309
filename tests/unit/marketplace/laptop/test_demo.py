"""The demo data: consistent at whatever moment it is made, the same but for its dates, and enough of everything."""

import copy
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import UserItem
from bookings.domain import Status
from bookings.models import BookingItem
from catalog.domain import category_slugs
from catalog.models import ProviderItem, ServiceItem, SlotClaimsItem
from kernel.money import CURRENCY_EXPONENTS
from kernel.storage import Item, Row
from marketplace.laptop.demo.content import CITIES, PHRASES, TRADES
from marketplace.laptop.demo.dataset import Dataset, build_dataset, items_of
from marketplace.laptop.demo.people import CUSTOMER_EMAIL, PROVIDER_EMAIL, demo_customer, demo_owner
from pages.provider.week import monday_of, week
from reviews.models import ReviewItem
from tests.invariants import assert_market_is_consistent

NOW = datetime(2026, 11, 22, 14, 30, 11, tzinfo=UTC)

Rows = dict[type[Item], list[Row]]


def build(now: datetime) -> Dataset:
    return build_dataset(customer=demo_customer(now), owner=demo_owner(now), now=now)


def rows_of(dataset: Dataset) -> Rows:
    rows = {table: [table.read_row(item) for item in items] for table, items in items_of(dataset)}
    accounts = [person for person in dataset.people if person.email in (CUSTOMER_EMAIL, PROVIDER_EMAIL)]
    rows[UserItem] += [
        {"user_id": person.user_id, "email": person.email, "user_type": person.role.value} for person in accounts
    ]
    return rows


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return build(NOW)


@pytest.fixture(scope="module")
def rows(dataset: Dataset) -> Rows:
    return rows_of(dataset)


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        # Clock changes in Europe and Australia.
        datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC),
        datetime(2027, 4, 3, 16, 0, 0, tzinfo=UTC),
        # Just after midnight in Austin, where the demo accounts are.
        datetime(2028, 2, 29, 6, 0, 2, tzinfo=UTC),
    ],
    ids=str,
)
def test_is_consistent_whenever_it_is_made(now: datetime) -> None:
    assert_market_is_consistent(rows_of(build(now)), now)


def test_has_the_promised_numbers(rows: Rows) -> None:
    counts = {table: len(rows[table]) for table in (ProviderItem, ServiceItem, BookingItem, ReviewItem)}
    assert counts == {ProviderItem: 200, ServiceItem: 600, BookingItem: 2000, ReviewItem: 800}
    assert {row["status"] for row in rows[BookingItem]} == set(Status)
    assert {row["category"] for row in rows[ServiceItem]} == set(category_slugs())
    per_city = Counter(row["city"] for row in rows[ProviderItem])
    assert set(per_city.values()) == {20}
    assert len(per_city) == 10
    assert sum("answer" in row for row in rows[ReviewItem]) > 150
    assert {row["rating"] for row in rows[ReviewItem]} == {1, 2, 3, 4, 5}


def test_only_dates_depend_on_the_moment(dataset: Dataset) -> None:
    def lasting(dataset: Dataset) -> list[object]:
        return [
            [(person.user_id, person.name, person.email, person.address) for person in dataset.people],
            [
                (firm.provider.name, firm.provider.location, firm.provider.rating, firm.provider.hours.weekly)
                for firm in dataset.firms
            ],
            [
                (service.service_id, service.name, service.price, service.active)
                for firm in dataset.firms
                for service in firm.services
            ],
            [
                (
                    appointment.booking.booking_id,
                    appointment.booking.service_id,
                    appointment.booking.customer_id,
                    [(entry.id, entry.action, entry.by) for entry in appointment.booking.history],
                    appointment.details,
                )
                for appointment in dataset.appointments
            ],
            [(review.review_id, review.rating, review.comment, review.answer) for review in dataset.reviews],
        ]

    assert lasting(dataset) == lasting(build(datetime(2027, 6, 5, 23, 0, 7, tzinfo=UTC)))


@pytest.mark.parametrize("now", [datetime(2026, 11, 28, 3, 0, tzinfo=UTC), datetime(2026, 12, 25, tzinfo=UTC)], ids=str)
def test_demo_provider_has_requests_an_agenda_for_today_and_reviews(now: datetime) -> None:
    dataset = build(now)
    firm = dataset.firms[0]
    assert firm.owner.email == PROVIDER_EMAIL
    assert all(service.active for service in firm.services)
    bookings = [appointment.booking for appointment in dataset.appointments if appointment.firm.owner is firm.owner]
    today = now.astimezone(ZoneInfo(firm.city.time_zone)).date()
    agenda = [
        booking
        for booking in bookings
        if booking.status is Status.CONFIRMED
        and booking.starts_at.astimezone(ZoneInfo(firm.city.time_zone)).date() == today
    ]
    assert len(agenda) >= 3
    assert sum(booking.status is Status.PENDING for booking in bookings) >= 3
    assert firm.provider.rating.count >= 20


@pytest.mark.parametrize("weekday", range(7))
def test_calendar_of_the_demo_provider_shows_each_kind_within_three_weeks(weekday: int) -> None:
    now = NOW + timedelta(days=weekday)
    dataset = build(now)
    provider = dataset.firms[0].provider
    bookings = [each.booking for each in dataset.appointments if each.booking.provider_id == provider.provider_id]
    monday = monday_of(now.date())
    weeks = [
        week(provider, bookings, dataset.own_times, names={}, first=monday + timedelta(days=days), now=now)
        for days in (-7, 0, 7)
    ]
    kinds = {event.kind for each in weeks for day in each.days for event in day.events}
    # Whether something is over that nobody closed depends on the hour.
    assert kinds - {"is-due"} == {"is-booked", "is-held", "is-done", "is-own", "is-buffer", "is-closed"}
    assert "is-own" in {event.kind for day in weeks[1].days for event in day.events}
    callers = [each for each in dataset.appointments if each.booking.is_for_caller]
    assert all(each.details.caller and each.booking.provider_id == provider.provider_id for each in callers)
    assert len(callers) == 3


def test_demo_customer_has_bookings_in_every_status_and_reviews_to_write(dataset: Dataset) -> None:
    bookings = [
        appointment.booking for appointment in dataset.appointments if appointment.customer.email == CUSTOMER_EMAIL
    ]
    assert {booking.status for booking in bookings} == set(Status)
    reviewed = {review.review_id for review in dataset.reviews}
    unreviewed = [booking for booking in bookings if booking.booking_id not in reviewed]
    assert sum(booking.status is Status.COMPLETED for booking in unreviewed) >= 2


def test_nothing_is_said_twice_and_no_two_firms_of_a_city_share_a_name(rows: Rows) -> None:
    for things in (
        [row["comment"] for row in rows[ReviewItem]],
        [(row["city"], row["name"]) for row in rows[ProviderItem]],
        [row["booking_id"] for row in rows[BookingItem]],
    ):
        assert [thing for thing, count in Counter(things).items() if count > 1] == []


def test_no_partition_of_an_index_grows_large(rows: Rows) -> None:
    # On the embedded cloud a query costs as much as its partition has items.
    keys = ("provider_id", "customer_id", "provider_status_key", "status_key")
    for key in keys:
        assert max(Counter(row[key] for row in rows[BookingItem] if key in row).values()) <= 100


def test_content_is_complete() -> None:
    assert set(TRADES) == set(category_slugs()) == {trade.second_trade for trade in TRADES.values()}
    assert set(PHRASES) == {1, 2, 3, 4, 5}
    for city in CITIES:
        ZoneInfo(city.time_zone)
        assert city.currency in CURRENCY_EXPONENTS
        assert all(trade.firm_names[city.language] for trade in TRADES.values())
        assert city.address.format(number=1, street="A", district="B")
    texts = [text for trade in TRADES.values() for text in (*trade.praise, *trade.complaints, *trade.requests)]
    assert not [text for text in texts if not re.fullmatch(r"[^\s].*[.!?]", text)]


def _drop_a_claim(rows: Rows) -> None:
    row = rows[SlotClaimsItem][0]
    del row[next(name for name in row if re.fullmatch(r"c\d\d", name))]


def _claim_a_free_cell(rows: Rows) -> None:
    row = rows[SlotClaimsItem][0]
    row[next(f"c{position:02}" for position in range(96) if f"c{position:02}" not in row)] = "somebody"


def _let_two_overlap(rows: Rows) -> None:
    first, second = [row for row in rows[BookingItem] if row["status"] == "paid"][:2]
    second |= {name: first[name] for name in ("provider_id", "starts_at", "ends_at")}


def _miscount_a_rating(rows: Rows) -> None:
    rows[ReviewItem][0]["rating"] = 6 - rows[ReviewItem][0]["rating"]


def _forget_a_copy(rows: Rows) -> None:
    rows[ServiceItem][0]["rating_average"] += 1


def _list_where_it_is_not(rows: Rows) -> None:
    rows[ServiceItem][0]["listed_city"] = "plumbing#us/dallas"


def _skip_a_step(rows: Rows) -> None:
    row = next(row for row in rows[BookingItem] if row["status"] == "paid")
    del row["history"][1]


def _file_under_another_status(rows: Rows) -> None:
    rows[BookingItem][0]["status_key"] += "x"


def _change_the_price(rows: Rows) -> None:
    rows[BookingItem][0]["price_amount"] += 1


@pytest.mark.parametrize(
    "spoil",
    [
        _drop_a_claim,
        _claim_a_free_cell,
        _let_two_overlap,
        _miscount_a_rating,
        _forget_a_copy,
        _list_where_it_is_not,
        _skip_a_step,
        _file_under_another_status,
        _change_the_price,
    ],
)
def test_the_check_notices(rows: Rows, spoil: Callable[[Rows], None]) -> None:
    spoilt = copy.deepcopy(rows)
    spoil(spoilt)
    with pytest.raises((AssertionError, KeyError)):
        assert_market_is_consistent(spoilt, NOW)
