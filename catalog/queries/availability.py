"""The starts that can be booked."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from catalog.domain import (
    Appointment,
    Availability,
    Offer,
    Provider,
    Service,
    blocked_cells,
    cell_position,
    day_bounds,
    offered_starts,
)
from catalog.models import SlotClaimsItem
from catalog.queries.claims import claimed_cells
from catalog.queries.offers import get_offer, get_public_offer
from kernel import storage
from kernel.errors import InvalidInputError, NotFoundError, UnprocessableError
from kernel.sentences import sentence

DEFAULT_DAYS = 14
MAX_DAYS = 62


def get_availability(
    *, provider_id: str, service_id: str, first: date | datetime | None, last: date | datetime | None, now: datetime
) -> Availability:
    """When the provider's service can be booked: one BatchGetItem of the offer and one Query of claims.

    `first` and `last` are dates where the provider is, both included, or instants; without them, 14 days from now on.
    Raises `NotFoundError`, `InvalidInputError`, and `UnprocessableError` for more than 62 days.
    """
    offer = get_public_offer(service_id)
    if offer.provider.provider_id != provider_id:
        raise NotFoundError(sentence("There is no such service of this provider."))
    start, end = _span(offer, first, last, now)
    starts = (
        _list_free_starts(offer.provider, offer.service.duration_minutes, start, end, now) if offer.is_bookable else []
    )
    return Availability(offer, offer.terms, start, end, starts)


def list_upcoming_starts(provider: Provider, service: Service, *, now: datetime) -> list[datetime]:
    """When the service, as it was read with its provider, can be booked in the next 14 days. One Query of claims."""
    if not Offer(service, provider).is_bookable:
        return []
    return _list_free_starts(provider, service.duration_minutes, now, now + timedelta(days=DEFAULT_DAYS), now)


def get_times_to_move_to(
    *,
    service_id: str,
    appointment: Appointment,
    first: date | datetime | None,
    last: date | datetime | None,
    now: datetime,
) -> Availability:
    """Where an appointment of this service can be moved to, its own start included: at its own length and buffers.

    Its own time counts as free, and so does that of a provider who takes no new bookings. Requests and parameters as
    `get_availability`.
    """
    offer = get_offer(service_id, fresh=True)
    start, end = _span(offer, first, last, now)
    provider = replace(
        offer.provider,
        buffer_before_minutes=appointment.buffer_before_minutes,
        buffer_after_minutes=appointment.buffer_after_minutes,
    )
    starts = _list_free_starts(
        provider, appointment.terms.duration_minutes, start, end, now, but_by=appointment.booking_id
    )
    return Availability(offer, appointment.terms, start, end, starts)


def _span(
    offer: Offer, first: date | datetime | None, last: date | datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    start = now if first is None else first if isinstance(first, datetime) else day_bounds(offer.provider, first)[0]
    if last is None:
        end = start + timedelta(days=DEFAULT_DAYS)
    else:
        end = last if isinstance(last, datetime) else day_bounds(offer.provider, last)[1]
    if start >= end:
        raise InvalidInputError.of("to", sentence("The end must be after the start."))
    # A clock change makes one of the days an hour longer.
    if end - start > timedelta(days=MAX_DAYS, hours=1):
        message = sentence("Ask for at most %(most)s days at a time.", most=MAX_DAYS)
        raise UnprocessableError.of("to", message, "too_long")
    return start, end


def _list_free_starts(
    provider: Provider, minutes: int, start: datetime, end: datetime, now: datetime, *, but_by: str | None = None
) -> list[datetime]:
    span_minutes = int((end - start).total_seconds()) // 60 + minutes
    cells = blocked_cells(start, span_minutes, provider.buffer_before_minutes, provider.buffer_after_minutes)
    first_day, last_day = (cell_position(cell)[0] for cell in (cells[0], cells[-1]))
    # A day's claims are at most 5 KB, so that all of them fit into one answer of 1 MB. Consistent, because whoever
    # lost a race for a time must not be offered it again.
    page = storage.query_rows(
        SlotClaimsItem,
        provider.provider_id,
        range_condition=SlotClaimsItem.day.between(first_day.isoformat(), last_day.isoformat()),
        limit=(last_day - first_day).days + 1,
        consistent=True,
    )
    claimed = {cell for row in page.rows for cell in claimed_cells(row, now=now, but_by=but_by)}
    return offered_starts(provider, duration_minutes=minutes, start=start, end=end, claimed_cells=claimed, now=now)
