"""The whole of the demo data, and the items that store it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from accounts.models import UserItem
from bookings.domain import CLAIMING_STATUSES, Booking, Earned, Invoice, Status, earned_with, new_invoice
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem, InvoiceNumbersItem, OpenRequestsItem
from bookings.records import INVOICES, booking_item, details_item, earnings_value
from bookings.services.calls import contact_purge_at
from bookings.services.open_requests import customer_key
from catalog.domain import OwnTime, RatingSummary, cell_position, city_key, parts_by_day, parts_text
from catalog.models import (
    CLAIM_ATTRIBUTES,
    HOLD_ATTRIBUTES,
    CitiesItem,
    OwnTimesItem,
    ProviderItem,
    ServiceItem,
    SlotClaimsItem,
)
from catalog.queries.cities import CITIES_KEY, count_name, label_name
from catalog.queries.own_time import OWN_TIMES_DAY
from catalog.records import PROVIDERS, own_times_value, service_attributes
from catalog.services.slots import purge_at
from kernel.clock import epoch
from kernel.outbox import OutboxItem
from kernel.storage import Item
from kernel.values import dataclass
from marketplace.laptop.demo.appointments import Appointment, make_appointments
from marketplace.laptop.demo.firms import Firm, make_firms, make_own_times
from marketplace.laptop.demo.people import ACCOUNT_EMAILS, Person, make_customers
from marketplace.laptop.demo.reviewing import make_reviews
from marketplace.laptop.demo.visits import plan_visits
from reviews.counting import COUNTED_ONCE_IN
from reviews.domain import Review
from reviews.latest import entries_of
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY
from reviews.records import REVIEWS

# Items as DynamoDB takes them: stored attribute name to typed value.
Items = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everybody and everything, as of `now`. The own times are the first firm's."""

    now: datetime
    people: Sequence[Person]
    firms: Sequence[Firm]
    own_times: Sequence[OwnTime]
    appointments: Sequence[Appointment]
    reviews: Sequence[Review]


def build_dataset(*, customer: Person, owner: Person, now: datetime) -> Dataset:
    """The demo data around the two accounts. Nothing but the dates, and what is named by an account's id, varies."""
    customers = [customer, *make_customers(now)]
    firms = make_firms(demo_owner=owner, now=now)
    own_times = make_own_times(firms[0], now)
    appointments = make_appointments(plan_visits(firms, customers), firms, customers, own_times, now)
    reviews = _counted(make_reviews(appointments, now))
    return Dataset(
        now=now,
        people=[*customers, *(firm.owner for firm in firms)],
        firms=_rated(firms, reviews),
        own_times=own_times,
        appointments=appointments,
        reviews=reviews,
    )


def _counted(reviews: Sequence[Review]) -> list[Review]:
    """The reviews, of which one of each customer about a provider counts in ninety days."""
    last: dict[tuple[str, str], datetime] = {}
    counted = set()
    for review in sorted(reviews, key=lambda review: review.created_at):
        pair = review.customer_id, review.provider_id
        if pair not in last or review.created_at >= last[pair] + COUNTED_ONCE_IN:
            last[pair] = review.created_at
            counted.add(review.review_id)
    return [replace(review, counted=review.review_id in counted) for review in reviews]


def _rated(firms: Sequence[Firm], reviews: Sequence[Review]) -> list[Firm]:
    ratings: dict[str, RatingSummary] = defaultdict(RatingSummary)
    for review in reviews:
        if not review.counted:
            continue
        ratings[review.provider_id] = ratings[review.provider_id].with_rating(review.rating)
    return [replace(firm, provider=replace(firm.provider, rating=ratings[firm.provider.provider_id])) for firm in firms]


def items_of(dataset: Dataset) -> Iterator[tuple[type[Item], Items]]:
    """What is to be stored, table by table; the accounts' own users are left to `ensure_account`."""
    bookings = [appointment.booking for appointment in dataset.appointments]
    invoices = _invoices(dataset.appointments)
    tables: dict[type[Item], Sequence[Item]] = {
        UserItem: [_user_item(person) for person in dataset.people if person.email not in ACCOUNT_EMAILS],
        ProviderItem: [_handled(PROVIDERS.item(firm.provider)) for firm in dataset.firms],
        ServiceItem: [
            ServiceItem(**service_attributes(service, firm.provider))
            for firm in dataset.firms
            for service in firm.services
        ],
        OpenRequestsItem: _first_requests(bookings),
        BookingItem: [booking_item(booking, handled_version=booking.version) for booking in bookings],
        BookingDetailsItem: [_details_item(appointment) for appointment in dataset.appointments],
        InvoiceItem: [INVOICES.item(invoice) for invoice in invoices],
        InvoiceNumbersItem: _last_numbers(invoices),
        ReviewItem: [_handled(REVIEWS.item(review)) for review in dataset.reviews],
        OwnTimesItem: [
            OwnTimesItem(
                provider_id=dataset.firms[0].provider.provider_id,
                day=OWN_TIMES_DAY,
                version=len(dataset.own_times),
                own_times=own_times_value(dataset.own_times),
            )
        ],
        LatestReviewsItem: [LatestReviewsItem(counter_key=LATEST_KEY, revision=1, reviews=entries_of(dataset.reviews))],
    }
    for table, items in tables.items():
        yield table, [item.serialize() for item in items]
    yield CitiesItem, [_cities(dataset.firms)]
    yield SlotClaimsItem, _claims(dataset)


def _handled(item: Item) -> Item:
    """The item as if all that happened to it was handled when it happened."""
    if isinstance(item, OutboxItem):
        item.handled_version = item.version
    if isinstance(item, ProviderItem):
        item.counted_city = item.listed_city
    return item


def _cities(firms: Sequence[Firm]) -> dict[str, Any]:
    """How many of the firms take bookings in each city, as the catalog keeps it."""
    providers = [firm.provider for firm in firms if firm.provider.accepting_bookings]
    names = {city_key(provider.country, provider.city): provider.city for provider in providers}
    counts = Counter(city_key(provider.country, provider.city) for provider in providers)
    item: dict[str, Any] = CitiesItem(counter_key=CITIES_KEY).serialize()
    item |= {count_name(key): {"N": str(count)} for key, count in counts.items()}
    return item | {label_name(key): {"S": name} for key, name in names.items()}


def _first_requests(bookings: Sequence[Booking]) -> list[OpenRequestsItem]:
    """Since when each customer has been one."""
    first: dict[str, datetime] = {}
    for booking in bookings:
        if booking.customer_id is not None:
            first[booking.customer_id] = min(booking.created_at, first.get(booking.customer_id, booking.created_at))
    return [OpenRequestsItem(counter_key=customer_key(user_id), first_request_at=at) for user_id, at in first.items()]


def _user_item(person: Person) -> UserItem:
    return UserItem(
        user_id=person.user_id,
        email=person.email,
        name=person.name,
        user_type=person.role.value,
        created_at=person.created_at,
    )


def _invoices(appointments: Sequence[Appointment]) -> list[Invoice]:
    """The invoices of all paid bookings, numbered in the order of the payments."""
    paid = [appointment for appointment in appointments if appointment.booking.status is Status.PAID]
    numbers: dict[str, int] = defaultdict(int)
    invoices = []
    for appointment in sorted(paid, key=lambda appointment: appointment.booking.updated_at):
        booking = appointment.booking
        numbers[booking.provider_id] += 1
        invoices.append(
            new_invoice(
                booking,
                appointment.firm.provider,
                number=numbers[booking.provider_id],
                issued_at=booking.updated_at,
            )
        )
    return invoices


def _last_numbers(invoices: Sequence[Invoice]) -> list[InvoiceNumbersItem]:
    last = {invoice.provider_id: invoice.number for invoice in invoices}
    earnings: dict[str, tuple[Earned, ...]] = defaultdict(tuple)
    for invoice in invoices:
        earnings[invoice.provider_id] = earned_with(earnings[invoice.provider_id], invoice)
    return [
        InvoiceNumbersItem(provider_id=provider_id, last_number=number, earnings=earnings_value(earnings[provider_id]))
        for provider_id, number in last.items()
    ]


def _details_item(appointment: Appointment) -> Item:
    booking = appointment.booking
    purge = contact_purge_at(booking) if booking.is_for_caller else None
    return details_item(booking.booking_id, appointment.details, purge_at=purge)


def _claims(dataset: Dataset) -> Items:
    """The calendars, as far as they are still kept, with what each booking's transitions have left in them."""
    days: dict[tuple[str, date], dict[str, Any]] = {}
    parts: dict[date, dict[str, range]] = defaultdict(dict)
    for own_time in dataset.own_times:
        for day, part in parts_by_day(own_time.cells):
            parts[day][own_time.own_time_id] = part
    for day, found in parts.items():
        days[dataset.firms[0].provider.provider_id, day] = {"ownTime": {"S": parts_text(found)}}
    for booking in (appointment.booking for appointment in dataset.appointments):
        if booking.status not in CLAIMING_STATUSES:
            continue
        for cell in booking.cells:
            day, position = cell_position(cell)
            if purge_at(day) <= epoch(dataset.now):
                continue
            claims = days.setdefault((booking.provider_id, day), {})
            claims[CLAIM_ATTRIBUTES[position]] = {"S": booking.booking_id}
            if booking.expires_at is not None:
                claims[HOLD_ATTRIBUTES[position]] = {"N": str(epoch(booking.expires_at))}
    return [
        SlotClaimsItem(provider_id=provider_id, day=day.isoformat(), purge_at=purge_at(day)).serialize() | claims
        for (provider_id, day), claims in days.items()
    ]
