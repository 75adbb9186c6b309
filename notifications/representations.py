"""Notifications as the API shows them: plain dicts, ready for JSON."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

from accounts.domain import Actor, Role
from bookings.domain import BookingSummary
from marketplace.kernel.money import represent_money
from marketplace.kernel.storage import Row
from notifications.domain import OPTIONAL_TYPES, Bell
from notifications.queries import Dashboard
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


def represent_dashboard(dashboard: Dashboard, bell: Bell, actor: Actor, now: datetime) -> dict[str, Any]:
    """What needs the provider's answer and what today holds, each with what they may do about it."""

    def represent(bookings: Sequence[BookingSummary]) -> list[dict[str, Any]]:
        return [_represent_appointment(booking, actor, now) for booking in bookings]

    return {
        "unread": bell.unread,
        "requests": represent(dashboard.requests),
        "today": represent(dashboard.today),
        "time_zone": dashboard.time_zone,
    }


def _represent_appointment(booking: BookingSummary, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "booking_id": booking.booking_id,
        "version": booking.version,
        "status": booking.status_at(now),
        "service_name": booking.service_name,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "price": represent_money(booking.price),
        "expires_at": booking.expires_at,
        "actions": booking.allowed_actions(actor, now),
    }
