"""Named reads of bookings. Each is one request to DynamoDB, but those of jobs at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pynamodb.expressions.condition import Condition

import catalog.queries
from bookings.domain import (
    UNHEARD_KEYS,
    Action,
    Booking,
    BookingDetails,
    BookingSummary,
    Invoice,
    Status,
    booking_not_found,
    due_at,
    party_status_key,
    require_party,
    require_possible_party,
    status_keys,
)
from bookings.models import (
    BookingDetailsItem,
    BookingItem,
    CustomerBookingsIndex,
    CustomerStatusIndex,
    InvoiceItem,
    InvoiceNumbersItem,
    ProviderBookingsIndex,
    ProviderStatusIndex,
    StatusIndex,
    UnheardIndex,
)
from bookings.records import read_booking, read_details, read_invoice, read_summary
from catalog.domain import Appointment, Availability, Provider
from catalog.queries.joined import provider_key, read_provider
from kernel import storage
from kernel.actors import Actor, Role
from kernel.cursors import decode_cursor, encode_cursor
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError

FoundBooking = tuple[Booking, BookingDetails | None]


def get_booking(*, actor: Actor, booking_id: str) -> FoundBooking:
    """The booking and its details, None once erased. What of them the actor may see is for the representation.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    require_possible_party(booking_id, actor)
    booking_row, details_row = storage.get_rows([(BookingItem, booking_id), (BookingDetailsItem, booking_id)])
    if booking_row is None:
        raise booking_not_found()
    booking = read_booking(booking_row)
    require_party(booking, actor)
    return booking, read_details(details_row) if details_row else None


def get_times_to_move_to(
    *,
    actor: Actor,
    booking_id: str,
    provider_id: str,
    first: date | datetime | None,
    last: date | datetime | None,
    now: datetime,
) -> Availability:
    """Where the actor can move the booking to, or propose to; no times while they can do neither.

    Raises as `get_booking` does, also for another provider's booking, and as `catalog.queries.get_availability`.
    """
    booking, _ = get_booking(actor=actor, booking_id=booking_id)
    if booking.provider_id != provider_id:
        raise booking_not_found()
    availability = catalog.queries.get_times_to_move_to(
        service_id=booking.service_id,
        appointment=Appointment(booking_id, booking.terms, booking.buffer_before_minutes, booking.buffer_after_minutes),
        first=first,
        last=last,
        now=now,
    )
    if booking.can(Action.RESCHEDULE, actor, now) or booking.can(Action.PROPOSE, actor, now):
        return availability
    return replace(availability, starts=[])


def get_booking_with_provider(*, actor: Actor, booking_id: str) -> tuple[Booking, Provider]:
    """The booking and its provider as they are now. Raises as `get_booking` does."""
    provider_id = require_possible_party(booking_id, actor)
    booking_row, provider_row = storage.get_rows([(BookingItem, booking_id), provider_key(provider_id)])
    if booking_row is None or provider_row is None:
        raise booking_not_found()
    booking = read_booking(booking_row)
    require_party(booking, actor)
    return booking, read_provider(provider_row)


@dataclass(frozen=True, slots=True)
class Payable:
    """A booking with all that its invoice is made of: the provider, and the number of the provider's last invoice."""

    booking: Booking
    details: BookingDetails | None
    provider: Provider
    last_invoice_number: int


def get_payable(*, actor: Actor, booking_id: str) -> Payable:
    """The booking, its details and its provider's invoicing as they are now. Raises as `get_booking` does."""
    provider_id = require_possible_party(booking_id, actor)
    booking_row, details_row, provider_row, numbers_row = storage.get_rows(
        [
            (BookingItem, booking_id),
            (BookingDetailsItem, booking_id),
            provider_key(provider_id),
            (InvoiceNumbersItem, provider_id),
        ]
    )
    if booking_row is None or provider_row is None:
        raise booking_not_found()
    booking = read_booking(booking_row)
    require_party(booking, actor)
    return Payable(
        booking,
        read_details(details_row) if details_row else None,
        read_provider(provider_row),
        numbers_row["last_number"] if numbers_row else 0,
    )


def get_invoice(*, actor: Actor, booking_id: str) -> Invoice:
    """The invoice of a paid booking. Raises as `get_booking` does, and `NotFoundError` (`no_invoice`) before that."""
    require_possible_party(booking_id, actor)
    booking_row, invoice_row = storage.get_rows([(BookingItem, booking_id), (InvoiceItem, booking_id)])
    if booking_row is None:
        raise booking_not_found()
    require_party(read_booking(booking_row), actor)
    if invoice_row is None:
        raise NotFoundError("There is no invoice before the booking is paid.", code="no_invoice")
    return read_invoice(invoice_row)


@dataclass(frozen=True, slots=True)
class BookingPage:
    """One page of a list, and the cursor of the next (None: there is no more)."""

    bookings: Sequence[BookingSummary]
    cursor: str | None


def list_bookings(
    *,
    actor: Actor,
    customer_id: str | None = None,
    provider_id: str | None = None,
    status: Status | None = None,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    latest_first: bool = True,
    limit: int,
    cursor: str | None = None,
    now: datetime,
) -> BookingPage:
    """The bookings of a customer or a provider, by start; everyone but an admin sees their own only.

    `starts_from` is included, `starts_before` is not. Requests that have lapsed are left out of the list of pending
    ones, so that a page may have fewer rows than `limit`; they join the expired ones when their expiry is recorded.
    Raises `InvalidInputError` (an admin must name one party; cursor; span) and `ForbiddenError`.
    """
    party, party_id = _listed_party(actor, customer_id, provider_id)
    hash_key = party_id if status is None else party_status_key(party_id, status)
    scope = ("bookings", actor.user_id, party, hash_key, str(starts_from), str(starts_before), latest_first)
    page = storage.query_rows(
        BookingItem,
        hash_key,
        index=_INDEXES[party, status is not None],
        range_condition=_start_condition(starts_from, starts_before),
        filter_condition=BookingItem.expires_at > now if status is Status.PENDING else None,
        limit=limit,
        start_key=decode_cursor(cursor, scope=scope),
        forward=not latest_first,
    )
    next_cursor = encode_cursor(page.next_key, scope=scope) if page.next_key else None
    return BookingPage([read_summary(row) for row in page.rows], next_cursor)


_INDEXES = {
    (Role.CUSTOMER, False): CustomerBookingsIndex.Meta.index_name,
    (Role.CUSTOMER, True): CustomerStatusIndex.Meta.index_name,
    (Role.PROVIDER, False): ProviderBookingsIndex.Meta.index_name,
    (Role.PROVIDER, True): ProviderStatusIndex.Meta.index_name,
}


def _listed_party(actor: Actor, customer_id: str | None, provider_id: str | None) -> tuple[Role, str]:
    """Whose bookings are listed: as which party, and the party's id."""
    if not actor.is_admin:
        if customer_id is not None or provider_id is not None:
            raise ForbiddenError("You can list your own bookings only. Leave out whose.")
        if actor.provider_id is not None:
            return Role.PROVIDER, actor.provider_id
        return Role.CUSTOMER, actor.user_id
    if customer_id is not None and provider_id is None:
        return Role.CUSTOMER, customer_id
    if provider_id is not None and customer_id is None:
        return Role.PROVIDER, provider_id
    raise InvalidInputError.of("customer_id", "Name either a customer_id or a provider_id.", "required")


def _start_condition(starts_from: datetime | None, starts_before: datetime | None) -> Condition | None:
    if starts_from is None and starts_before is None:
        return None
    if starts_before is None:
        return BookingItem.starts_at >= starts_from
    if starts_from is None:
        return BookingItem.starts_at < starts_before
    # DynamoDB's BETWEEN includes both ends; instants are stored to the second.
    last = starts_before - timedelta(seconds=1)
    if last < starts_from:
        raise InvalidInputError.of("to", "Give an instant after `from`.")
    return BookingItem.starts_at.between(starts_from, last)


# --- For jobs: the only reads of more than one request ---------------------------------------------------------------


def iterate_unheard(now: datetime) -> Iterator[tuple[Booking, int]]:
    """The bookings with a change that is to be announced again by now, and up to which version each was heard.

    One Query for each partition and hundred bookings, and one BatchGetItem for each hundred.
    """
    due = BookingItem.announce_at <= now
    for row in _rows_of_index(UnheardIndex.Meta.index_name, UNHEARD_KEYS, due):
        # The index lags behind: the booking may have been heard, or announced, since.
        if row.get("announce_at") and row["announce_at"] <= now:
            yield read_booking(row), row["heard_version"]


def iterate_due(*, status: Status, due_from: datetime, due_before: datetime) -> Iterator[Booking]:
    """The bookings in the status whose `due_at` lies in the span, whose end is not included; by day.

    Requests as for `iterate_unheard`; there are four partitions for each day.
    """
    span = BookingItem.due_at.between(due_from, due_before - timedelta(seconds=1))
    for row in _rows_of_index(StatusIndex.Meta.index_name, status_keys(status, due_from, due_before), span):
        booking = read_booking(row)
        if booking.status is status and due_from <= due_at(booking) < due_before:
            yield booking


def _rows_of_index(index: str, hash_keys: Sequence[str], range_condition: Condition) -> Iterator[storage.Row]:
    """The rows as they are now of the bookings that the index lists, some of which may have changed meanwhile."""
    for hash_key in hash_keys:
        start_key = None
        while True:
            page = storage.query_rows(
                BookingItem,
                hash_key,
                index=index,
                range_condition=range_condition,
                limit=storage.MAX_BATCH_KEYS,
                start_key=start_key,
            )
            rows = storage.get_rows([(BookingItem, found["booking_id"]) for found in page.rows])
            yield from (row for row in rows if row is not None)
            start_key = page.next_key
            if start_key is None:
                break
