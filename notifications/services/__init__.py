"""Use cases that write: tell people of an event, keep what they have read and what they want.

`emails` is imported by name, by those who send: its libraries take a fifth of a second to load, which no request needs.
"""

from notifications.services.announcements import announce
from notifications.services.consent import count_report, replace_muted, set_muted, suppress_address
from notifications.services.reading import mark_read

__all__ = ["announce", "count_report", "mark_read", "replace_muted", "set_muted", "suppress_address"]
