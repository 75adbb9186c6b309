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
        "booking_id": note.booking_id,
        "starts_at": note.starts_at,
        "time_zone": note.time_zone,
        "occurred_at": note.occurred_at,
    }


def represent_bell(bell: Bell) -> dict[str, int]:
    """How many notes are unread, and the id of the newest (0: none yet)."""
    return {"unread": bell.unread, "latest": bell.sequence}


def represent_preferences(muted: Set[str]) -> dict[str, list[str]]:
    """The optional kinds of email that are switched off."""
    return {"muted": [type_ for type_ in OPTIONAL_TYPES if type_ in muted]}
