"""Use cases that write: tell people of an event, send one email, keep what they have read and what they want."""

from notifications.services.announcements import announce
from notifications.services.consent import replace_muted, set_muted, suppress_address
from notifications.services.emails import deliver_email
from notifications.services.reading import mark_read

__all__ = ["announce", "deliver_email", "mark_read", "replace_muted", "set_muted", "suppress_address"]
