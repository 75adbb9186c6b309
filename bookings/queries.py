"""Named reads of bookings. Each is one request to DynamoDB, but those of jobs at the end."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition

import catalog.queries
from bookings.domain import (
    Action,
    Booking,
    BookingDetails,
    BookingSummary,
    Earned,
    Invoice,
    Status,
    booking_not_found,
    due_at,
    pending_key,
    require_party,
    require_provider_id,
    status_keys,
)
from bookings.models import (
    BookingDetailsItem,
    BookingItem,
    CustomerBookingsIndex,
    InvoiceItem,
    InvoiceNumbersItem,
    ProviderBookingsIndex,
    ProviderStatusIndex,
    StatusIndex,
)
from bookings.records import BOOKINGS, DETAILS, INVOICES, SUMMARIES, read_earnings
from catalog.domain import Appointment, Availability, Provider
from catalog.queries import provider_read
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.listing import ListIndex
from kernel.lists import ListPage, read_page
from kernel.sentences import sentence
from kernel.values import dataclass

FoundBooking = tuple[Booking, BookingDetails | None]


def booking_read(*, actor: Actor, booking_id: str) -> storage.Read[FoundBooking]:
    """The read of a booking and its details (two items), to be read beside others'.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    require_provider_id(booking_id)
    details = storage.item_read((BookingDetailsItem, booking_id), DETAILS.read)
    return storage.joined(_party_read(actor, booking_id), details)


def invoice_read(booking_id: str) -> storage.Read[Invoice | None]:
    """The read of a booking's invoice (one item), to be read beside the booking itself; None before it is paid."""
    return storage.item_read((InvoiceItem, booking_id), INVOICES.read)


def _party_read(actor: Actor, booking_id: str) -> storage.Read[Booking]:
    """The read of a booking for those concerned with it. Raises `NotFoundError` for others when it is read."""

    def check(booking: Booking | None) -> Booking:
        if booking is None:
            raise booking_not_found()
        require_party(booking, actor)
        return booking

    return storage.item_read((BookingItem, booking_id), BOOKINGS.read).then(check)


def get_booking(*, actor: Actor, booking_id: str) -> FoundBooking:
    """The booking and its details, None once erased. What of them the actor may see is for the representation.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    return storage.read(booking_read(actor=actor, booking_id=booking_id))


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

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business, `InvalidInputError`,
    and `UnprocessableError` for more than 62 days.
    """
    booking, _ = get_booking(actor=actor, booking_id=booking_id)
    if booking.provider_id != provider_id:
        raise booking_not_found()
    return get_times_for(booking, actor=actor, first=first, last=last, now=now)


def get_times_for(
    booking: Booking, *, actor: Actor, first: date | datetime | None, last: date | datetime | None, now: datetime
) -> Availability:
    """As `get_times_to_move_to`, of a booking that was read already and that the actor may see."""
    availability = catalog.queries.get_times_to_move_to(
        service_id=booking.service_id,
        appointment=Appointment(
            booking.booking_id, booking.terms, booking.buffer_before_minutes, booking.buffer_after_minutes
        ),
        first=first,
        last=last,
        now=now,
    )
    if booking.can(Action.RESCHEDULE, actor, now):
        return availability
    can_propose = booking.can(Action.PROPOSE, actor, now)
    # Nobody proposes the time that there is.
    starts = [start for start in availability.starts if can_propose and start != booking.starts_at]
    return replace(availability, starts=starts)


def booking_with_provider_read(*, actor: Actor, booking_id: str) -> storage.Read[tuple[Booking, Provider]]:
    """The read of a booking and its provider as they are now (two items), to be read beside others'.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    provider_id = require_provider_id(booking_id)
    return storage.joined(_party_read(actor, booking_id), provider_read(provider_id))


def get_booking_with_provider(*, actor: Actor, booking_id: str) -> tuple[Booking, Provider]:
    """The booking and its provider as they are now.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    return storage.read(booking_with_provider_read(actor=actor, booking_id=booking_id))


@dataclass(frozen=True, slots=True)
class Payable:
    """A booking with all that its invoice is made of: the provider, its last invoice's number and the sums of all."""

    booking: Booking
    details: BookingDetails | None
    provider: Provider
    last_invoice_number: int
    earnings: tuple[Earned, ...]


def get_payable(*, actor: Actor, booking_id: str) -> Payable:
    """The booking, its details and its provider's invoicing as they are now.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    provider_id = require_provider_id(booking_id)
    (booking, details), provider, invoiced = storage.read_all(
        booking_read(actor=actor, booking_id=booking_id),
        provider_read(provider_id),
        storage.item_read((InvoiceNumbersItem, provider_id), lambda row: (int(row["last_number"]), read_earnings(row))),
    )
    last_number, earnings = invoiced or (0, ())
    return Payable(booking, details, provider, last_number, earnings)


def earnings_read(*, actor: Actor) -> storage.Read[tuple[Earned, ...] | None]:
    """The read of what the provider's invoices sum up to by month (one item); None before the first invoice."""
    return storage.item_read((InvoiceNumbersItem, actor.provider_id or ""), read_earnings)


def details_read(*, actor: Actor, booking: BookingSummary, now: datetime) -> storage.Read[BookingDetails | None]:
    """The read of a listed booking's details (one item), to be read beside others'; none that the actor may not see."""
    if not booking.shows_details_to(actor, now):
        return storage.Read((), lambda rows: None)
    return storage.item_read((BookingDetailsItem, booking.booking_id), DETAILS.read)


def get_invoice(*, actor: Actor, booking_id: str) -> Invoice:
    """The invoice of a paid booking.

    Raises `NotFoundError` for an unknown booking, for one that is none of the actor's business, and (`no_invoice`) for
    one that is not paid.
    """
    require_provider_id(booking_id)
    _, invoice = storage.read_all(_party_read(actor, booking_id), invoice_read(booking_id))
    if invoice is None:
        raise NotFoundError(sentence("There is no invoice before the booking is paid."), code="no_invoice")
    return invoice


def list_bookings_by_id(*, actor: Actor, booking_ids: Sequence[str]) -> list[Booking]:
    """Up to 100 bookings with these ids, without those that are none of the actor's business. One BatchGetItem."""
    rows = storage.get_rows([(BookingItem, booking_id) for booking_id in booking_ids])
    bookings = (BOOKINGS.read(row) for row in rows if row is not None)
    return [booking for booking in bookings if booking.party(actor) is not None]


def list_bookings(
    *,
    actor: Actor,
    customer_id: str | None = None,
    provider_id: str | None = None,
    status: Status | None = None,
    service_id: str | None = None,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    latest_first: bool = True,
    limit: int,
    cursor: str | None = None,
    now: datetime,
) -> ListPage[BookingSummary]:
    """The bookings of a customer or a provider, by start; everyone but an admin sees their own only.

    `starts_from` is included, `starts_before` is not. A page of one status or service may have fewer rows than `limit`,
    even none, and yet a next one: 200 bookings of any are read for it. Only a provider's pending ones are read by
    themselves. Requests that have lapsed are left out of those; they join the expired ones when that is recorded.
    Raises `InvalidInputError` (an admin must name one party; cursor; span) and `ForbiddenError`.
    """
    party, party_id = _listed_party(actor, customer_id, provider_id)
    index, hash_key = _list_partition(party, party_id, status)
    span = (str(starts_from), str(starts_before), latest_first)
    scope = ("bookings", actor.user_id, party, party_id, status, service_id, *span)
    return read_page(
        BookingItem,
        hash_key,
        SUMMARIES.read,
        index=index,
        scope=scope,
        range_condition=_start_condition(starts_from, starts_before),
        filter_condition=_list_condition(status, service_id, now),
        limit=limit,
        cursor=cursor,
        forward=not latest_first,
    )


def list_to_answer(*, actor: Actor, limit: int, cursor: str | None = None, now: datetime) -> ListPage[BookingSummary]:
    """What waits for the provider's answer, requests and customers' proposals, the earliest start first. One Query.

    A page may have fewer rows than `limit`, and yet a next one. Raises `InvalidInputError` (cursor).
    """
    provider_id = actor.provider_id or ""
    page = read_page(
        BookingItem,
        pending_key(provider_id),
        SUMMARIES.read,
        index=ProviderStatusIndex.Meta.index_name,
        scope=("to answer", actor.user_id, provider_id),
        range_condition=_start_condition(now, None),
        # A proposal's end is within its JSON: which have lapsed is seen once they are read.
        filter_condition=(BookingItem.status != Status.PENDING.value) | (BookingItem.expires_at > now),
        limit=limit,
        cursor=cursor,
    )
    waiting = [booking for booking in page.results if booking.is_to_be_answered_by(Role.PROVIDER, now)]
    return ListPage(waiting, page.next_cursor)


def _list_partition(party: Role, party_id: str, status: Status | None) -> tuple[str, str]:
    """The index that lists the party's bookings, and its partition. What waits for a provider has one of its own."""
    if party is Role.CUSTOMER:
        return CustomerBookingsIndex.Meta.index_name, party_id
    if status is Status.PENDING:
        return ProviderStatusIndex.Meta.index_name, pending_key(party_id)
    return ProviderBookingsIndex.Meta.index_name, party_id


def _list_condition(status: Status | None, service_id: str | None, now: datetime) -> Condition | None:
    conditions: list[Condition] = []
    if status is not None:
        conditions.append(BookingItem.status == status.value)
    if status is Status.PENDING:
        conditions.append(BookingItem.expires_at > now)
    if service_id is not None:
        conditions.append(BookingItem.service_id == service_id)
    return reduce(and_, conditions) if conditions else None


def _listed_party(actor: Actor, customer_id: str | None, provider_id: str | None) -> tuple[Role, str]:
    """The party whose bookings are listed, and the party's id."""
    if not actor.is_staff:
        if customer_id is not None or provider_id is not None:
            raise ForbiddenError(sentence("You can list your own bookings only. Leave out whose."))
        if actor.provider_id is not None:
            return Role.PROVIDER, actor.provider_id
        return Role.CUSTOMER, actor.user_id
    if customer_id is not None and provider_id is None:
        return Role.CUSTOMER, customer_id
    if provider_id is not None and customer_id is None:
        return Role.PROVIDER, provider_id
    raise InvalidInputError.of("customer_id", sentence("Name either a customer_id or a provider_id."), "required")


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
        raise InvalidInputError.of("to", sentence("Give an instant after `from`."))
    return BookingItem.starts_at.between(starts_from, last)


# --- For jobs: the only reads of more than one request ---------------------------------------------------------------


def iterate_due(*, statuses: Collection[Status], due_from: datetime, due_before: datetime) -> Iterator[Booking]:
    """The bookings in the statuses whose `due_at` lies in the span, whose end is not included; by day.

    One Query for each partition and hundred bookings, and one BatchGetItem for each hundred; there are four partitions
    for each day.
    """
    span = BookingItem.due_at.between(due_from, due_before - timedelta(seconds=1))
    keys = status_keys(statuses, due_from, due_before)
    for row in storage.current_rows(BookingItem, keys, index=StatusIndex.Meta.index_name, range_condition=span):
        booking = BOOKINGS.read(row)
        if booking.status in statuses and due_from <= due_at(booking) < due_before:
            yield booking


def iterate_listed(shard: str) -> Iterator[tuple[Booking, int]]:
    """The bookings of one shard of the list of all, each with the version up to which its events were handled.

    One Query and one BatchGetItem for each hundred. Items from before there was the list are not in it.
    """
    for row in storage.current_rows(BookingItem, [shard], index=ListIndex.Meta.index_name):
        handled = row.get("handled_version")
        yield BOOKINGS.read(row), int(row["version"] if handled is None else handled)


def iterate_upcoming(*, provider_id: str, status: Status, now: datetime) -> Iterator[BookingSummary]:
    """The provider's bookings in that status that start after now, by start: one Query for each hundred.

    The index lags: a booking may have changed since.
    """
    rows = storage.all_rows(
        BookingItem,
        provider_id,
        index=ProviderBookingsIndex.Meta.index_name,
        range_condition=BookingItem.starts_at > now,
        filter_condition=BookingItem.status == status.value,
    )
    yield from map(SUMMARIES.read, rows)
