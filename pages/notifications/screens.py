"""A note as its list shows it. Pure: no read, no clock."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from kernel.clock import from_rfc3339
from kernel.values import dataclass
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
    "review.submitted": "star",
    "reminder.appointment": "bell",
    "reminder.review": "star",
    "reminder.completion": "done",
}
# The page of each kind of thing that a note can be about. A review has the id of its booking, on whose page it stands.
_PAGES = {"booking": "booking", "review": "booking"}


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note: what happened, when, and whether it is news; where it leads and the appointment's time may be empty."""

    number: int
    href: str
    icon: str
    text: str
    appointment: str
    happened: datetime
    when: str
    is_unread: bool


def note_row(note: Note) -> NoteRow:
    """The note in the active language."""
    page, zone = _PAGES.get(note.subject.kind), note.values.get("time_zone", settings.TIME_ZONE)
    starts_at = note.values.get("starts_at")
    return NoteRow(
        number=note.number,
        href=reverse(page, args=[note.subject.id]) if page else "",
        icon=_ICONS.get(note.type, "bell"),
        text=MESSAGES[note.type].note_text(note),
        appointment=format_briefly(from_rfc3339(starts_at), zone) if starts_at else "",
        happened=note.occurred_at,
        when=format_briefly(note.occurred_at, zone),
        is_unread=not note.is_read,
    )
