"""Notifications as the API shows them: plain dicts, ready for JSON."""

from collections.abc import Set
from typing import Any

from notifications.domain import Bell, Note
from notifications.messages import MESSAGES, OPTIONAL_TYPES


def represent_note(note: Note) -> dict[str, Any]:
    """One note of the list, in the active language."""
    return {
        "id": note.number,
        "type": note.type,
        "text": MESSAGES[note.type].note_text(note),
        "is_read": note.is_read,
        "subject": {"kind": note.subject.kind, "id": note.subject.id},
        "occurred_at": note.occurred_at,
        **_about_booking(note),
    }


def _about_booking(note: Note) -> dict[str, Any]:
    """What a note about a booking says beside its sentence."""
    if note.subject.kind != "booking":
        return {}
    return {
        "booking_id": note.subject.id,
        "starts_at": note.values["starts_at"],
        "time_zone": note.values["time_zone"],
    }


def represent_bell(bell: Bell) -> dict[str, int]:
    """How many notes are unread, and the id of the newest (0: none yet)."""
    return {"unread": bell.unread, "latest": bell.sequence}


def represent_preferences(muted: Set[str]) -> dict[str, list[str]]:
    """The optional kinds of email that are switched off."""
    return {"muted": [type_ for type_ in OPTIONAL_TYPES if type_ in muted]}
