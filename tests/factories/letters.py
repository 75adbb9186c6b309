"""Bookings, events and letters without storage."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.domain import Contact
from bookings.domain import ACTION_TO, Action, Booking, BookingDetails, HistoryEntry, Status
from bookings.events import BookingEvent
from bookings.stream import events_after
from kernel.actors import SYSTEM, Actor, Role
from kernel.ids import provider_id_for
from kernel.money import Money
from notifications.deliveries import parties_of
from notifications.domain import Channel, Delivery
from notifications.messages import MESSAGE_TYPES, MESSAGES
from notifications.messages.bookings import BookingLetter, BookingMessage

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
STARTS_AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
CUSTOMER, PROVIDER = Actor("customer-a", Role.CUSTOMER), Actor("provider-a", Role.PROVIDER)
PROVIDER_ID = provider_id_for(PROVIDER.user_id)

# How a booking comes into each status.
PATHS: dict[Status, tuple[Action, ...]] = {
    Status.PENDING: (),
    Status.CONFIRMED: (Action.CONFIRM,),
    Status.DECLINED: (Action.DECLINE,),
    Status.CANCELLED: (Action.CONFIRM, Action.CANCEL),
    Status.EXPIRED: (Action.EXPIRE,),
    Status.COMPLETED: (Action.CONFIRM, Action.COMPLETE),
    Status.NO_SHOW: (Action.CONFIRM, Action.NO_SHOW),
    Status.PAID: (Action.CONFIRM, Action.COMPLETE, Action.PAY),
    Status.UNCONFIRMED: (Action.CONFIRM, Action.CLOSE),
}
_STATUS_AFTER = {action: status for status, action in ACTION_TO.items()} | {Action.ACCEPT: Status.CONFIRMED}
_ACTORS = {
    Action.REQUEST: CUSTOMER,
    Action.CANCEL: CUSTOMER,
    Action.RESCHEDULE: CUSTOMER,
    Action.EXPIRE: SYSTEM,
    Action.CLOSE: SYSTEM,
}


def make_booking(*actions: Action, **values: Any) -> Booking:
    """A booking that was requested and then went through the actions."""
    status, history = Status.PENDING, []
    for version, action in enumerate((Action.REQUEST, *actions), 1):
        actor = _ACTORS.get(action, PROVIDER)
        after = _STATUS_AFTER.get(action, status)
        history.append(
            HistoryEntry(
                str(version), action, NOW, actor.user_id, actor.role, status if version > 1 else None, after, version
            )
        )
        status = after
    booking = Booking(
        booking_id=f"{PROVIDER_ID}-0123456789abcd",
        version=len(history),
        status=status,
        service_id=f"{PROVIDER_ID}-abcdefghjkmnpq",
        service_name="Leak repair",
        provider_id=PROVIDER_ID,
        provider_name="Elm Plumbing",
        customer_id=CUSTOMER.user_id,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=1),
        time_zone="Europe/Paris",
        price=Money(125_000, "EUR"),
        expires_at=STARTS_AT if status is Status.PENDING else None,
        customer_moves=0,
        proposal=None,
        created_at=NOW,
        updated_at=NOW,
        duration_minutes=60,
        buffer_before_minutes=0,
        buffer_after_minutes=0,
        free_cancellation_hours=24,
        late_cancellation_percent=50,
        cancellation_grace_minutes=60,
        free_cancellation_ended_at=None,
        cancellation_fee=None,
        payment_method=None,
        history=tuple(history),
    )
    return replace(booking, **values)


# All kinds but those to a provider about itself.
BOOKING_MESSAGES = {type_: message for type_, message in MESSAGES.items() if isinstance(message, BookingMessage)}


def is_still_true(event: BookingEvent, booking: Booking, now: datetime) -> bool:
    """Whether the event's message would not contradict the booking at that instant."""
    return BOOKING_MESSAGES[event.type].is_true(event, booking, now)


def event_of(booking: Booking, version: int | None = None, *, type_: str | None = None) -> BookingEvent:
    """The event of the change that made this version, by default the last; or one of another type."""
    event = events_after(booking, (version or booking.version) - 1)[0]
    if type_ is None:
        return event
    told = MESSAGE_TYPES[type_](**{field.name: getattr(event, field.name) for field in fields(event)})
    assert isinstance(told, BookingEvent)
    return told


def make_letter(
    booking: Booking,
    *,
    role: Role = Role.CUSTOMER,
    type_: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    name: str = "Robin Reed",
    details: BookingDetails | None = None,
) -> BookingLetter:
    """The letter of the booking's last event to the customer or the provider."""
    event = event_of(booking, type_=type_)
    recipient = next(party for party in parties_of(event) if party.role is role)
    return BookingLetter(
        delivery=Delivery(event, recipient, Channel.EMAIL),
        booking=booking,
        details=details,
        customer_name=name,
        reader=Contact("reader", "robin@example.com", name, language, time_zone),
        now=NOW,
        calendar_action=BOOKING_MESSAGES[event.type].action,
    )
