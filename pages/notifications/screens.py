"""A note as its list shows it. Pure: no read, no clock."""

from dataclasses import dataclass
from datetime import datetime

from kernel.wording.times import format_briefly
from notifications.domain import Note
from notifications.messages import MESSAGES

_ICONS = {
    "booking.requested": "inbox",
    "booking.confirmed": "confirmed",
    "booking.declined": "declined",
    "booking.cancelled": "cancelled",
    "booking.expired": "expired",
    "booking.rescheduled": "calendar-clock",
    "booking.move_proposed": "calendar-clock",
    "booking.move_accepted": "calendar-clock",
    "booking.move_refused": "calendar-x",
    "booking.provider_suspended": "shield-check",
    "booking.completed": "done",
    "booking.no_show": "noshow",
    "booking.paid": "paid",
    "booking.unconfirmed": "expired",
    "reminder.appointment": "bell",
    "reminder.review": "star",
    "reminder.completion": "done",
}


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note: what happened, to which appointment, when, and whether it is news."""

    number: int
    booking_id: str
    icon: str
    text: str
    appointment: str
    happened: datetime
    when: str
    is_unread: bool


def note_row(note: Note) -> NoteRow:
    """The note in the active language."""
    return NoteRow(
        number=note.number,
        booking_id=note.booking_id,
        icon=_ICONS[note.type],
        text=MESSAGES[note.type].note_text(note),
        appointment=format_briefly(note.starts_at, note.time_zone),
        happened=note.occurred_at,
        when=format_briefly(note.occurred_at, note.time_zone),
        is_unread=not note.is_read,
    )
