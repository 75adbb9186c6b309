"""What a provider's screens read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.domain import Contact
from accounts.queries import contact_read
from bookings.domain import (
    CLAIMING_STATUSES,
    CLOSED_AFTER,
    BookingDetails,
    BookingSummary,
    Caller,
    Earned,
    Invoice,
    Status,
)
from bookings.queries import details_read, earnings_read, invoice_read, list_bookings, list_to_answer
from catalog.domain import OwnTime, Provider, day_bounds, search_words
from catalog.domain.rules import DURATION_MINUTES
from catalog.queries import get_provider, own_times_read, provider_read, service_reads
from kernel import storage
from kernel.actors import Actor
from kernel.lists import ListPage
from kernel.values import dataclass
from reviews.domain import Review
from reviews.queries import list_own_reviews


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What waits for a provider's answer, the earliest start first, and what is confirmed for today in their zone."""

    requests: Sequence[BookingSummary]
    today: Sequence[BookingSummary]
    time_zone: str


_REQUEST_ROWS = 50
# As many as a day has quarter hours.
_DAY_ROWS = 96
_LONGEST = timedelta(minutes=DURATION_MINUTES.most)


def get_dashboard(*, actor: Actor, now: datetime) -> Dashboard:
    """The provider's dashboard. One GetItem and two Queries. Raises `NotFoundError` before there is a profile."""
    zone = get_provider(actor.provider_id or "").time_zone
    requests = list_requests(actor=actor, now=now)
    today = _list_in(actor, zone, now.astimezone(ZoneInfo(zone)).date(), days=1, now=now, status=Status.CONFIRMED)
    return Dashboard(requests.results, today, zone)


def list_requests(*, actor: Actor, now: datetime, cursor: str | None = None) -> ListPage[BookingSummary]:
    """What waits for the provider's answer, the earliest start first. One Query."""
    return list_to_answer(actor=actor, limit=_REQUEST_ROWS, cursor=cursor, now=now)


@dataclass(frozen=True, slots=True)
class Job:
    """An appointment of the day, with what the provider may know of where it is and of the customer."""

    booking: BookingSummary
    details: BookingDetails | None
    contact: Contact | Caller | None


@dataclass(frozen=True, slots=True)
class Day:
    """A provider's working day."""

    provider: Provider
    requests: Sequence[BookingSummary]
    jobs: Sequence[Job]
    own_times: Sequence[OwnTime]
    earnings: Sequence[Earned]
    reviews: Sequence[Review]
    has_more_requests: bool = False
    # Of the days before: what the provider has not said yet what became of, first what is closed first.
    unclosed: Sequence[BookingSummary] = ()


_REVIEWS_SHOWN = 3
_UNCLOSED_SHOWN = 10
# Two items of each are read.
_JOBS_AT_ONCE = storage.MAX_BATCH_KEYS // 2


def get_day(*, actor: Actor, now: datetime) -> Day:
    """All of the day's page: four Queries for its lists, and two BatchGetItems beside; over fifty jobs need a third.

    Raises `NotFoundError` before there is a profile.
    """
    provider_id = actor.provider_id or ""
    provider, earnings, own_times = storage.read_all(
        provider_read(provider_id), earnings_read(actor=actor), own_times_read(provider_id)
    )
    first = now.astimezone(ZoneInfo(provider.time_zone)).date()
    bookings = list_span(actor=actor, provider=provider, first=first, days=1, now=now)
    requests = list_requests(actor=actor, now=now)
    reviews = list_own_reviews(actor=actor, limit=_REVIEWS_SHOWN)
    start, end = day_bounds(provider, first)
    return Day(
        provider=provider,
        requests=requests.results,
        jobs=_jobs(actor, bookings, now),
        own_times=[each for each in own_times if each.starts_at < end and start < each.ends_at],
        earnings=earnings or (),
        reviews=reviews.results,
        has_more_requests=requests.next_cursor is not None,
        unclosed=_list_unclosed(actor, start, now),
    )


def _list_unclosed(actor: Actor, today: datetime, now: datetime) -> list[BookingSummary]:
    """What ended before today and is still confirmed: a week later it is closed without payment. One Query."""
    page = list_bookings(
        actor=actor,
        status=Status.CONFIRMED,
        starts_from=today - CLOSED_AFTER - _LONGEST,
        starts_before=today,
        latest_first=False,
        limit=_UNCLOSED_SHOWN,
        now=now,
    )
    return [booking for booking in page.results if booking.awaits_outcome_at(now) and booking.ends_at <= today]


def list_span(*, actor: Actor, provider: Provider, first: date, days: int, now: datetime) -> list[BookingSummary]:
    """What takes time in so many days of the provider's calendar, by start. One Query."""
    bookings = _list_in(actor, provider.time_zone, first, days=days, now=now)
    return [booking for booking in bookings if booking.status_at(now) in CLAIMING_STATUSES]


def _list_in(
    actor: Actor, zone: str, first: date, *, days: int, now: datetime, status: Status | None = None
) -> list[BookingSummary]:
    """The provider's bookings that lie in so many days of that zone, wholly or in part, by start. One Query."""
    start, end = (
        datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in (first, first + timedelta(days=days))
    )
    page = list_bookings(
        actor=actor,
        status=status,
        # What began on the evening before may not be over yet.
        starts_from=start - _LONGEST,
        starts_before=end,
        latest_first=False,
        limit=(days + 1) * _DAY_ROWS,
        now=now,
    )
    return [booking for booking in page.results if booking.ends_at > start]


def _jobs(actor: Actor, bookings: Sequence[BookingSummary], now: datetime) -> list[Job]:
    jobs: list[Job] = []
    for start in range(0, len(bookings), _JOBS_AT_ONCE):
        part = bookings[start : start + _JOBS_AT_ONCE]
        jobs += storage.read_all(*(_job_read(actor, booking, now) for booking in part))
    return jobs


def _job_read(actor: Actor, booking: BookingSummary, now: datetime) -> storage.Read[Job]:
    details = details_read(actor=actor, booking=booking, now=now)
    if booking.is_for_caller:
        return details.then(lambda found: Job(booking, found, found.caller if found else None))
    contact = _contact_of_read(actor, booking, now)
    return storage.joined(details, contact).then(lambda found: Job(booking, *found))


def read_names(actor: Actor, bookings: Sequence[BookingSummary], now: datetime) -> list[str]:
    """The customer's name of each booking, empty where the provider may not know it. A BatchGetItem for each 100."""
    names: list[str] = []
    for start in range(0, len(bookings), storage.MAX_BATCH_KEYS):
        part = bookings[start : start + storage.MAX_BATCH_KEYS]
        contacts = storage.read_all(*(_contact_of_read(actor, booking, now) for booking in part))
        names += [contact.name if contact else "" for contact in contacts]
    return names


def read_names_and_services(
    actor: Actor, provider: Provider, bookings: Sequence[BookingSummary], now: datetime
) -> tuple[list[str], list[tuple[str, str]]]:
    """The names of up to 50 bookings' customers, and ids and names of the provider's services. One BatchGetItem."""
    contacts, services = storage.read_all(
        storage.joined(*(_contact_of_read(actor, booking, now) for booking in bookings)),
        storage.joined(*service_reads(provider)),
    )
    return (
        [contact.name if contact else "" for contact in contacts],
        [(service.service_id, service.name) for service in services if service],
    )


def read_names_and_own_times(
    actor: Actor, bookings: Sequence[BookingSummary], now: datetime
) -> tuple[dict[str, str], Sequence[OwnTime]]:
    """The customers' names by booking, where the provider may know them, and the provider's own time.

    One BatchGetItem: of a very full week those are named whom the provider sees next.
    """
    named = sorted(bookings, key=lambda each: (each.ends_at <= now, each.starts_at))[: storage.MAX_BATCH_KEYS - 1]
    contacts, own_times = storage.read_all(
        storage.joined(*(_contact_of_read(actor, booking, now) for booking in named)),
        own_times_read(actor.provider_id or ""),
    )
    names = {booking.booking_id: contact.name for booking, contact in zip(named, contacts, strict=True) if contact}
    return names, own_times


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice, and the customer's name; empty where the provider may not know it."""

    invoice: Invoice
    customer: str


def read_billed(actor: Actor, bookings: Sequence[BookingSummary], now: datetime) -> list[Billed]:
    """The invoices of those of up to 50 bookings that have one. One BatchGetItem."""
    pairs = storage.read_all(
        *(
            storage.joined(invoice_read(booking.booking_id), _contact_of_read(actor, booking, now))
            for booking in bookings
        )
    )
    return [Billed(invoice, contact.name if contact else "") for invoice, contact in pairs if invoice is not None]


def has_words(name: str, typed: str) -> bool:
    """Whether each word that was typed, one at least, begins a word of the name."""
    wanted, words = search_words(typed), search_words(name)
    return bool(wanted) and all(any(word.startswith(each) for word in words) for each in wanted)


def _contact_of_read(actor: Actor, booking: BookingSummary, now: datetime) -> storage.Read[Contact | Caller | None]:
    """Who the customer is: like the address, for a provider who has agreed to come."""

    def known(contact: Contact | Caller | None) -> Contact | Caller | None:
        return contact

    if booking.customer_id is None:
        details = details_read(actor=actor, booking=booking, now=now)
        return details.then(lambda found: found.caller if found else None).then(known)
    if not booking.shows_details_to(actor, now):
        return storage.Read((), lambda rows: None)
    return contact_read(booking.customer_id).then(known)
