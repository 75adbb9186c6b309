"""The kinds of messages, one module for each: who is told, whether it is still true, its facts and its sentences.

A new kind is a module here and a folder of templates. It is named in `MESSAGES`, by the type of its event; handlers,
preferences, documentation and tests derive from that.
"""

from kernel.events import Event
from notifications.messages import (
    booking_cancelled,
    booking_completed,
    booking_confirmed,
    booking_declined,
    booking_expired,
    booking_move_accepted,
    booking_move_proposed,
    booking_move_refused,
    booking_no_show,
    booking_paid,
    booking_provider_suspended,
    booking_requested,
    booking_rescheduled,
    booking_unconfirmed,
    provider_reinstated,
    provider_suspended,
    reminder_appointment,
    reminder_completion,
    reminder_review,
    review_submitted,
)
from notifications.messages.base import Message

MESSAGES: dict[str, Message] = {
    module.MESSAGE.event_type.type: module.MESSAGE
    for module in (
        booking_requested,
        booking_confirmed,
        booking_declined,
        booking_cancelled,
        booking_expired,
        booking_rescheduled,
        booking_completed,
        booking_no_show,
        booking_paid,
        booking_unconfirmed,
        booking_move_proposed,
        booking_move_accepted,
        booking_move_refused,
        booking_provider_suspended,
        provider_suspended,
        provider_reinstated,
        review_submitted,
        reminder_appointment,
        reminder_review,
        reminder_completion,
    )
}
MESSAGE_TYPES: dict[str, type[Event]] = {type_: message.event_type for type_, message in MESSAGES.items()}
OPTIONAL_TYPES = tuple(type_ for type_, message in MESSAGES.items() if message.optional)
