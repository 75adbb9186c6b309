"""The appointment as a calendar entry (iTIP, RFC 5546): sent on confirmation, replaced on a move, withdrawn."""

from datetime import datetime

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress

from bookings.domain import Action, Booking, Status
from notifications.links import booking_url

REQUEST, CANCEL = "REQUEST", "CANCEL"
# The messages that change what stands in the recipient's calendar.
_CALENDAR_ACTIONS = frozenset({Action.CONFIRM, Action.RESCHEDULE, Action.ACCEPT, Action.CANCEL})


def calendar_method(action: Action | None, booking: Booking) -> str | None:
    """What the message about this action asks of the recipient's calendar; None if nothing.

    Only a confirmed appointment is ever put there, so only such a one is moved or withdrawn.
    """
    if action not in _CALENDAR_ACTIONS or booking.confirmed_at is None:
        return None
    return CANCEL if booking.status is Status.CANCELLED else REQUEST


def calendar_entry(
    booking: Booking, *, method: str, summary: str, location: str, stamped_at: datetime, attendee: str = ""
) -> str:
    """The entry as iCalendar text. Its UID is the booking's for ever, its SEQUENCE the booking's version.

    Whom it is sent to is its attendee; what is merely published has none.
    """
    organizer = vCalAddress(f"mailto:{settings.EMAIL_FROM_ADDRESS}")
    organizer.params["CN"] = settings.SITE_NAME

    entry = Event()
    entry.add("uid", f"{booking.booking_id}@{settings.EMAIL_FROM_ADDRESS.rpartition('@')[2]}")
    entry.add("sequence", booking.version)
    entry.add("dtstamp", stamped_at)
    entry.add("dtstart", booking.starts_at)
    entry.add("dtend", booking.ends_at)
    entry.add("summary", summary)
    if location:
        entry.add("location", location)
    if not booking.is_for_caller:
        entry.add("url", booking_url(booking.booking_id))
    entry.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if method == CANCEL else "OPAQUE")
    entry.add("organizer", organizer)
    if attendee:
        guest = vCalAddress(f"mailto:{attendee}")
        # The appointment is agreed already: calendars must not ask for an answer.
        guest.params.update({"PARTSTAT": "ACCEPTED", "RSVP": "FALSE", "ROLE": "REQ-PARTICIPANT"})
        entry.add("attendee", guest)

    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    entry_text: bytes = calendar.to_ical()
    return entry_text.decode()
