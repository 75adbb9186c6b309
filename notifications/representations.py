"""Notifications as the API shows them: plain dicts, ready for JSON."""

from collections.abc import Set
from typing import Any

from kernel.actors import Role
from kernel.storage import Row
from notifications.domain import OPTIONAL_TYPES, Bell
from notifications.texts import note_text


def represent_note(row: Row, seen: int) -> dict[str, Any]:
    """One note of the list, in the active language."""
    number, role = int(row["notification_id"]), Role(row["recipient_role"])
    names = {"service_name": row["service_name"], "provider_name": row["provider_name"]}
    return {
        "id": number,
        "type": row["type"],
        "text": note_text(row["type"], role, **names),
        "is_read": number <= seen,
        "booking_id": row["booking_id"],
        "starts_at": row["starts_at"],
        "time_zone": row["time_zone"],
        "occurred_at": row["occurred_at"],
    }


def represent_bell(bell: Bell) -> dict[str, int]:
    """How many notes are unread, and the id of the newest (0: none yet)."""
    return {"unread": bell.unread, "latest": bell.sequence}


def represent_preferences(muted: Set[str]) -> dict[str, list[str]]:
    """The optional kinds of email that are switched off."""
    return {"muted": [type_ for type_ in OPTIONAL_TYPES if type_ in muted]}
