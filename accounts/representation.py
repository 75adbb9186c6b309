"""People as the API shows them: plain dicts, ready for JSON."""

from typing import Any

from accounts.models import User


def represent_person(user: User) -> dict[str, Any]:
    """The person, for themselves and for admins."""
    return {
        "id": user.user_id,
        "email": user.email,
        "name": user.name,
        "phone": user.phone,
        "role": user.role,
        "time_zone": user.time_zone,
        "language": user.language,
        "created_at": user.created_at,
    }
