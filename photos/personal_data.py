"""What this app stores about people beside their owners' items: uploads that nobody has claimed."""

from datetime import datetime
from typing import Any

from photos import bucket


def export(user_id: str, *, now: datetime) -> dict[str, Any]:
    """Nothing: photos are exported with what they belong to, and unclaimed uploads go within a day."""
    return {}


def erase(user_id: str, *, now: datetime) -> None:
    """Delete uploads that nobody has claimed. Photos go with what they belong to."""
    bucket.delete_uploads(user_id)
