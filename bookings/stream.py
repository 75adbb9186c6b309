"""From a changed booking to what happened to it."""

from bookings import events
from bookings.domain import Action, Booking, HistoryEntry
from bookings.models import BookingItem
from bookings.records import BOOKINGS
from kernel.outbox import Outbox

EVENT_BY_ACTION: dict[Action, type[events.BookingEvent]] = {
    Action.REQUEST: events.BookingRequested,
    # Who books at once has the provider's word: for everyone, it is confirmed.
    Action.BOOK: events.BookingConfirmed,
    Action.CONFIRM: events.BookingConfirmed,
    Action.DECLINE: events.BookingDeclined,
    Action.CANCEL: events.BookingCancelled,
    Action.EXPIRE: events.BookingExpired,
    Action.RESCHEDULE: events.BookingRescheduled,
    Action.COMPLETE: events.BookingCompleted,
    Action.NO_SHOW: events.BookingMarkedNoShow,
    Action.PAY: events.BookingPaid,
    Action.CLOSE: events.BookingUnconfirmed,
    Action.PROPOSE: events.BookingMoveProposed,
    Action.ACCEPT: events.BookingMoveAccepted,
    Action.REFUSE: events.BookingMoveRefused,
}


def events_after(booking: Booking, seen_version: int) -> list[events.BookingEvent]:
    """What happened to the booking after that version, oldest first."""
    return [_event(booking, entry) for entry in booking.history if entry.version > seen_version]


def _event(booking: Booking, entry: HistoryEntry) -> events.BookingEvent:
    return EVENT_BY_ACTION[entry.action](
        subject_id=booking.booking_id,
        version=entry.version,
        occurred_at=entry.at,
        customer_id=booking.customer_id,
        provider_id=booking.provider_id,
        service_id=booking.service_id,
        service_name=booking.service_name,
        provider_name=booking.provider_name,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        price_amount=booking.price.amount,
        price_currency=booking.price.currency,
        actor_role=entry.role.value,
    )


# The history in the item names each change, so that a change whose own record never came is named by the next.
OUTBOX = Outbox(
    item=BookingItem,
    event_types=events.EVENT_TYPES,
    events_after=lambda row, version: events_after(BOOKINGS.read(row), version),
)
